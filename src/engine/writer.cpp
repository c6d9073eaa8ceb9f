#include "engine/writer.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/fold.h"
#include "engine/snapshots.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/evolve.h"
#include "migration/state.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

tl::unexpected<Error> another_ledger(std::string why) {
  return fail(
      Code::damaged,
      "the ledger is not the one that was read before",
      std::move(why),
      "nothing was recorded",
      "hal9-migrate ledger verify"
  );
}

}  // namespace

Digest digest_of(const migration::Command& command) {
  return sha256(migration::encode_command(command));
}

Writer::Writer(ledger::Store& store, Environment& environment)
    : store_(store), environment_(environment) {}

Result<void> Writer::catch_up() {
  auto head = store_.head();
  if (!head) return pass_on(head);
  return fold_to(*head);
}

Result<bool> Writer::knows(const CommandId& id) {
  auto known = store_.find_command(id);
  if (!known) return pass_on(known);
  return known->has_value();
}

Result<void> Writer::fold_to(const ledger::Head& head) {
  if (head.sequence < state_.sequence) {
    return another_ledger(fmt::format(
        "it ends at {} and was at {} a moment ago", head.sequence.value, state_.sequence.value
    ));
  }
  if (head.sequence == state_.sequence) {
    if (head.sequence.value != 0 && root_ != head.root) {
      return another_ledger(fmt::format("its root at {} is another one", head.sequence.value));
    }
    root_ = head.root;
    return {};
  }
  if (state_.sequence.value == 0) {
    auto state = state_at(store_, head.sequence);
    if (!state) return pass_on(state);
    state_ = std::move(*state);
  } else {
    auto folded = fold_tail(store_, state_, head.sequence);
    if (!folded) return pass_on(folded);
  }
  root_ = head.root;
  return {};
}

Result<Recorded> Writer::execute(
    const migration::Command& command, std::optional<migration::Via> via
) {
  const Asked asked{&command, via, {}};
  return std::move(execute({&asked, 1}).front());
}

std::vector<Result<Recorded>> Writer::execute(std::span<const Asked> asked) {
  const auto all_fail = [&](const Error& error) {
    return std::vector<Result<Recorded>>(asked.size(), tl::unexpected<Error>(error));
  };
  auto batch = store_.begin(kLedgerWait);
  if (!batch) return all_fail(batch.error());
  auto folded = fold_to((*batch)->head());
  if (!folded) return all_fail(folded.error());

  Group group;
  group.state = state_;
  for (const Asked& one : asked) {
    group.answers.push_back(take(**batch, one, group));
    if (!group.broken) continue;
    if (asked.size() == 1) return std::move(group.answers);
    // One of them cannot be recorded; the others must not fall with it.
    batch->reset();
    std::vector<Result<Recorded>> answers;
    for (const Asked& alone : asked) answers.push_back(execute(*alone.command, alone.via));
    return answers;
  }
  auto finished = finish(**batch, group);
  if (finished) return std::move(group.answers);
  for (Result<Recorded>& answer : group.answers) {
    // A refusal stands; so does an answer that was on record before this transaction.
    const bool was_there =
        !answer || answer->events.empty() || answer->events.front().sequence <= state_.sequence;
    if (!was_there) answer = tl::unexpected<Error>(finished.error());
  }
  return std::move(group.answers);
}

Result<Recorded> Writer::take(ledger::Batch& batch, const Asked& asked, Group& group) {
  const migration::Command& command = *asked.command;
  const Digest digest = asked.digest ? *asked.digest : digest_of(command);
  auto known = batch.find_command(command.id);
  if (!known) {
    group.broken = true;
    return pass_on(known);
  }
  const auto& first = *known;
  if (first && first->first <= state_.sequence) return first_answer(*first, command, digest);
  if (first && first->digest == digest) {
    // The same command twice in one group: it is not on record yet.
    for (const Result<Recorded>& answer : group.answers) {
      if (!answer || answer->events.empty()) continue;
      if (answer->events.front().sequence == first->first) return Recorded{answer->events, true};
    }
  }
  if (first) return first_answer(*first, command, digest);

  auto decided = migration::decide(group.state, command);
  if (!decided) return pass_on(decided);
  if (decided->empty()) return Recorded{};

  const std::vector<ledger::Draft> drafts =
      draft(command, asked.via.value_or(command.actor.via), *decided);
  auto events = batch.append(drafts, environment_.now(), command.id, digest);
  if (!events) {
    group.broken = true;
    return pass_on(events);
  }
  for (const ledger::Event& event : *events) migration::evolve(group.state, event);
  return Recorded{std::move(*events), false};
}

Result<void> Writer::finish(ledger::Batch& batch, Group& group) {
  if (group.state.sequence == state_.sequence) return {};
  if (auto kept = keep_snapshot(batch, state_.sequence, group.state); !kept) return kept;
  const Digest root = batch.head().root;
  auto committed = batch.commit();
  if (!committed) return committed;
  state_ = std::move(group.state);
  root_ = root;
  return {};
}

Result<Recorded> Writer::first_answer(
    const ledger::CommandRecord& record, const migration::Command& command, const Digest& digest
) {
  if (record.digest != digest) {
    return fail(
        Code::repeated,
        "this command's id was used for another command",
        fmt::format("{} stands at sequence {}", to_text(command.id), record.first.value),
        "nothing was changed"
    );
  }
  Recorded recorded;
  recorded.repeated = true;
  if (record.count == 0) return recorded;
  ledger::Filter filter;
  filter.from = record.first;
  filter.to = ledger::Sequence{record.first.value + record.count - 1};
  auto scanned = store_.scan(filter, [&](ledger::Sequence, std::string_view line) {
    auto event = ledger::decode(line);
    if (event) recorded.events.push_back(std::move(*event));
    return event.has_value();
  });
  if (!scanned) return pass_on(scanned);
  return recorded;
}

std::vector<ledger::Draft> Writer::draft(
    const migration::Command& command,
    migration::Via via,
    const std::vector<migration::Decided>& decided
) {
  const ledger::Author author{
      migration::to_text(command.actor.auth),
      command.actor.id,
      migration::to_text(command.actor.role),
      migration::to_text(via)
  };
  const std::string reason = shorten(command.reason, ledger::kMaxReasonBytes);
  const Time now = environment_.now();
  std::vector<ledger::Draft> drafts;
  drafts.reserve(decided.size());
  for (const migration::Decided& one : decided) {
    ledger::Draft& made = drafts.emplace_back();
    made.id = EventId::make(now, environment_.random());
    made.type = migration::type_of(one.fact);
    made.subject = one.subject;
    made.time = one.time.value_or(command.at);
    made.author = author;
    made.reason = reason;
    made.correlation = command.correlation;
    made.causation = command.id;
    if (!reason.empty() || one.free_text) made.nonce = environment_.random();
    made.data = migration::encode_fact(one.fact);
  }
  return drafts;
}

}  // namespace hal9::engine
