#include "adapters/sqlite/queries.h"

#include "adapters/sqlite/errors.h"
#include "adapters/sqlite/values.h"

#include <cstring>
#include <utility>
#include <vector>

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

namespace hal9::sqlite {

namespace {

using namespace ledger;

tl::unexpected<Error> damaged(const char* what) {
  return fail(
      Code::damaged,
      what,
      "the file was changed from outside",
      "nothing was changed",
      "hal9-migrate ledger verify"
  );
}

bool take_command(SQLite::Statement& row, CommandRecord& record) {
  const bool shaped =
      take_bytes(row.getColumn(0), record.id.bytes) && take_bytes(row.getColumn(1), record.digest);
  record.first = to_sequence(row.getColumn(2));
  record.count = to_number(row.getColumn(3));
  return shaped;
}

std::vector<Digest> split_frontier(std::string_view bytes) {
  std::vector<Digest> digests(bytes.size() / sizeof(Digest));
  for (std::size_t i = 0; i < digests.size(); ++i) {
    std::memcpy(digests[i].data(), bytes.data() + i * sizeof(Digest), sizeof(Digest));
  }
  return digests;
}

}  // namespace

template <class T>
Result<T> Queries::reading(const std::function<Result<T>()>& ask) {
  try {
    return ask();
  } catch (const SQLite::Exception& error) {
    return explain(error, connection_.file, "the ledger cannot be read");
  }
}

Result<std::string> Queries::name() {
  return reading<std::string>([&]() -> Result<std::string> {
    return database().execAndGet("SELECT name FROM ledger WHERE one = 1").getString();
  });
}

Result<Head> Queries::head() {
  return reading<Head>([&]() -> Result<Head> {
    SQLite::Statement row(
        database(),
        "SELECT sequence, root, frontier, recorded, least_reader FROM head WHERE one = 1"
    );
    if (!row.executeStep()) return damaged("the ledger has no head");
    Head head;
    head.sequence = to_sequence(row.getColumn(0));
    if (!take_bytes(row.getColumn(1), head.root)) return damaged("the head's root is no digest");
    auto frontier =
        Frontier::restore(head.sequence.value, split_frontier(to_view(row.getColumn(2))));
    if (!frontier) return pass_on(frontier);
    head.frontier = std::move(*frontier);
    head.recorded = to_time(row.getColumn(3));
    head.least_reader = row.getColumn(4).getUInt();
    if (head.least_reader > kFormatVersion) {
      return fail(
          Code::newer,
          "the ledger was written by a newer hal9-migrate",
          "its lines need a reader of format " + std::to_string(head.least_reader),
          "nothing was changed",
          "install the newer version on this machine"
      );
    }
    return head;
  });
}

Time Queries::recorded_of(Sequence sequence) {
  SQLite::Statement row(database(), "SELECT recorded FROM event WHERE sequence = ?");
  row.bind(1, to_sql(sequence.value));
  return row.executeStep() ? to_time(row.getColumn(0)) : Time::max();
}

// Recorded time grows with the sequence, so the sequence is its index.
Result<Sequence> Queries::sequence_at(Time recorded) {
  return reading<Sequence>([&]() -> Result<Sequence> {
    std::uint64_t low = 0;  // the last one known to be at or before
    std::uint64_t high =
        to_number(database().execAndGet("SELECT sequence FROM head WHERE one = 1"));
    while (low < high) {
      const std::uint64_t middle = low + (high - low + 1) / 2;
      if (recorded_of({middle}) <= recorded) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return Sequence{low};
  });
}

Result<std::optional<CommandRecord>> Queries::find_command(CommandId id) {
  using Found = std::optional<CommandRecord>;
  return reading<Found>([&]() -> Result<Found> {
    SQLite::Statement row(database(), "SELECT id, digest, first, count FROM command WHERE id = ?");
    bind_bytes(row, 1, id.bytes);
    if (!row.executeStep()) return Found();
    CommandRecord record;
    if (!take_command(row, record)) return damaged("a command's record is not as it was written");
    return Found(record);
  });
}

Result<void> Queries::scan_commands(const std::function<bool(const CommandRecord&)>& visit) {
  return reading<void>([&]() -> Result<void> {
    SQLite::Statement row(
        database(), "SELECT id, digest, first, count FROM command ORDER BY first, count"
    );
    while (row.executeStep()) {
      CommandRecord record;
      if (!take_command(row, record)) return damaged("a command's record is not as it was written");
      if (!visit(record)) break;
    }
    return {};
  });
}

Result<std::optional<Snapshot>> Queries::snapshot_before(std::string_view fold, Sequence at) {
  using Found = std::optional<Snapshot>;
  return reading<Found>([&]() -> Result<Found> {
    SQLite::Statement row(
        database(),
        "SELECT sequence, fold, state FROM snapshot WHERE fold = ? AND sequence <= ? "
        "ORDER BY sequence DESC LIMIT 1"
    );
    bind_text(row, 1, fold);
    row.bind(2, to_sql(at.value));
    if (!row.executeStep()) return Found();
    return Found(
        {to_sequence(row.getColumn(0)),
         std::string(to_view(row.getColumn(1))),
         std::string(to_view(row.getColumn(2)))}
    );
  });
}

Result<void> Queries::scan_snapshots(const std::function<bool(const Snapshot&)>& visit) {
  return reading<void>([&]() -> Result<void> {
    SQLite::Statement row(
        database(), "SELECT sequence, fold, state FROM snapshot ORDER BY sequence"
    );
    while (row.executeStep()) {
      const Snapshot snapshot{
          to_sequence(row.getColumn(0)),
          std::string(to_view(row.getColumn(1))),
          std::string(to_view(row.getColumn(2)))
      };
      if (!visit(snapshot)) break;
    }
    return {};
  });
}

Result<Digest> Queries::node(std::uint32_t level, std::uint64_t index) {
  return reading<Digest>([&]() -> Result<Digest> {
    if (level >= kStoredLevel) {
      SQLite::Statement row(database(), "SELECT digest FROM node WHERE level = ? AND place = ?");
      row.bind(1, level);
      row.bind(2, to_sql(index));
      Digest digest{};
      if (!row.executeStep() || !take_bytes(row.getColumn(0), digest)) {
        return damaged("an interior node of the tree is missing");
      }
      return digest;
    }
    const std::uint64_t size = std::uint64_t{1} << level;
    SQLite::Statement row(
        database(), "SELECT line FROM event WHERE sequence BETWEEN ? AND ? ORDER BY sequence"
    );
    row.bind(1, to_sql(index * size + 1));
    row.bind(2, to_sql(index * size + size));
    Frontier frontier;
    while (row.executeStep()) frontier.append(leaf_hash(to_view(row.getColumn(0))));
    if (frontier.size() != size) return damaged("events under an interior node are missing");
    return frontier.root();
  });
}

Result<void> Queries::scan_nodes(const std::function<bool(const Node&)>& visit) {
  return reading<void>([&]() -> Result<void> {
    SQLite::Statement row(
        database(), "SELECT level, place, digest FROM node ORDER BY level, place"
    );
    while (row.executeStep()) {
      Node node{row.getColumn(0).getUInt(), to_number(row.getColumn(1)), {}};
      if (!take_bytes(row.getColumn(2), node.digest))
        return damaged("an interior node is no digest");
      if (!visit(node)) break;
    }
    return {};
  });
}

}  // namespace hal9::sqlite
