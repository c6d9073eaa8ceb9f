#include "adapters/sqlite/batch.h"

#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/values.h"

#include <algorithm>
#include <utility>

#include <SQLiteCpp/Exception.h>

namespace hal9::sqlite {

namespace {

using namespace ledger;

// A statement of the store's, reset when its use is over.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { statement_.tryReset(); }
  SQLite::Statement* operator->() { return &statement_; }
  SQLite::Statement& operator*() { return statement_; }

 private:
  SQLite::Statement& statement_;
};

tl::unexpected<Error> used_up() {
  return fail(Code::failed, "this batch cannot be used any more", "", "nothing was recorded");
}

}  // namespace

Prepared::Prepared(SQLite::Database& database)
    : find_term(database, "SELECT code FROM term WHERE kind = ? AND text = ?"),
      add_term(database, "INSERT INTO term (kind, text) VALUES (?, ?)"),
      add_event(
          database,
          "INSERT INTO event (sequence, type, subject, actor, recorded, correlation, line) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)"
      ),
      add_node(database, "INSERT INTO node (level, place, digest) VALUES (?, ?, ?)"),
      add_command(database, "INSERT INTO command (id, digest, first, count) VALUES (?, ?, ?, ?)"),
      set_head(
          database,
          "UPDATE head SET sequence = ?, root = ?, frontier = ?, recorded = ? WHERE one = 1"
      ),
      add_snapshot(
          database, "INSERT OR REPLACE INTO snapshot (sequence, fold, state) VALUES (?, ?, ?)"
      ) {}

SqliteBatch::SqliteBatch(
    Connection& connection,
    Prepared& prepared,
    LockFile lock,
    std::string name,
    Head head,
    std::function<void()> poison
)
    : connection_(connection),
      prepared_(prepared),
      lock_(std::move(lock)),
      source_(source_of(name)),
      head_(std::move(head)),
      poison_(std::move(poison)),
      transaction_(*connection.database) {}

tl::unexpected<Error> SqliteBatch::broken(const SQLite::Exception& error, const char* doing) {
  unusable_ = true;
  poison_();
  return explain(error, connection_.file, doing);
}

Result<std::optional<CommandRecord>> SqliteBatch::find_command(CommandId id) {
  return Queries(connection_).find_command(id);
}

Result<std::vector<Event>> SqliteBatch::append(
    std::span<const Draft> drafts, Time now, CommandId command, const Digest& command_digest
) {
  if (unusable_) return used_up();
  for (const Draft& draft : drafts) {
    auto checked = check_draft(draft);
    if (!checked) {
      unusable_ = true;
      return pass_on(checked);
    }
  }
  try {
    Use add(prepared_.add_command);
    bind_bytes(*add, 1, command.bytes);
    bind_bytes(*add, 2, command_digest);
    add->bind(3, to_sql(head_.sequence.value + 1));
    add->bind(4, to_sql(drafts.size()));
    add->exec();
    std::vector<Event> events;
    events.reserve(drafts.size());
    for (const Draft& draft : drafts) events.push_back(place(draft, now));
    return events;
  } catch (const SQLite::Exception& error) {
    return broken(error, "the ledger cannot be written");
  }
}

Event SqliteBatch::place(const Draft& draft, Time now) {
  Event event;
  event.draft = draft;
  event.source = source_;
  event.sequence = Sequence{head_.sequence.value + 1};
  event.recorded = std::max(now, head_.recorded + Micros{1});
  const std::string line = encode(event);

  const std::int64_t type = code_of(TermKind::type, draft.type);
  const std::int64_t actor = code_of(TermKind::actor, draft.author.auth_id);
  Use add(prepared_.add_event);
  add->bind(1, to_sql(event.sequence.value));
  add->bind(2, type);
  if (draft.subject.empty()) {
    add->bind(3);
  } else {
    add->bind(3, code_of(TermKind::subject, draft.subject));
  }
  add->bind(4, actor);
  add->bind(5, to_sql(event.recorded));
  bind_bytes(*add, 6, draft.correlation.bytes);
  add->bindNoCopy(7, line);
  add->exec();

  head_.frontier.append(leaf_hash(line), [&](const Node& node) {
    if (node.level < kStoredLevel) return;
    Use add_node(prepared_.add_node);
    add_node->bind(1, node.level);
    add_node->bind(2, to_sql(node.index));
    bind_bytes(*add_node, 3, node.digest);
    add_node->exec();
  });
  head_.sequence = event.sequence;
  head_.recorded = event.recorded;
  head_.root = head_.frontier.root();
  return event;
}

std::int64_t SqliteBatch::code_of(TermKind kind, const std::string& text) {
  {
    Use find(prepared_.find_term);
    find->bind(1, static_cast<int>(kind));
    find->bindNoCopy(2, text);
    if (find->executeStep()) return find->getColumn(0).getInt64();
  }
  Use add(prepared_.add_term);
  add->bind(1, static_cast<int>(kind));
  add->bindNoCopy(2, text);
  add->exec();
  return connection_.database->getLastInsertRowid();
}

Result<void> SqliteBatch::put_snapshot(const Snapshot& snapshot) {
  if (unusable_) return used_up();
  try {
    Use add(prepared_.add_snapshot);
    add->bind(1, to_sql(snapshot.sequence.value));
    bind_text(*add, 2, snapshot.fold);
    bind_bytes(*add, 3, snapshot.state);
    add->exec();
  } catch (const SQLite::Exception& error) {
    return broken(error, "the ledger cannot be written");
  }
  return {};
}

void SqliteBatch::write_head() {
  std::string frontier;
  for (const Digest& digest : head_.frontier.digests()) frontier += as_bytes(digest);
  Use set(prepared_.set_head);
  set->bind(1, to_sql(head_.sequence.value));
  bind_bytes(*set, 2, head_.root);
  bind_bytes(*set, 3, frontier);
  set->bind(4, to_sql(head_.recorded));
  set->exec();
}

// The head is written once a batch. SQLite flushes the WAL into the file within COMMIT when it has
// grown, so that flush happens under the lock file too.
Result<void> SqliteBatch::commit() {
  if (unusable_) return used_up();
  unusable_ = true;
  try {
    write_head();
    transaction_.commit();
  } catch (const SQLite::Exception& error) {
    return broken(error, "the ledger could not be written to its disk");
  }
  return {};
}

}  // namespace hal9::sqlite
