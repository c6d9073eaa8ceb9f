#include "life.h"

#include "adapters/sqlite/sqlite_store.h"
#include "base/id.h"
#include "base/name.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "bench.h"
#include "engine/snapshots.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/evolve.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "migration/state.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace hal9::bench {

namespace {

using ledger::Draft;
using namespace migration;

const Time kStart{std::chrono::seconds{1785585600}};
constexpr std::uint64_t kRemarkEvery = 200;
constexpr std::uint64_t kAtOnce = 1000;

Bytes16 numbered(std::uint8_t kind, std::uint64_t number) {
  Bytes16 random{kind};
  for (std::size_t i = 0; i < 8; ++i) {
    random[8 + i] = static_cast<std::uint8_t>(number * 0x9E3779B97F4A7C15U >> (8 * i));
  }
  return make_uuid7(kStart + std::chrono::milliseconds{number}, random);
}

Name name(const char* text) {
  return must(Name::parse(text));
}

void put(Draft& draft, const Fact& fact) {
  draft.type = type_of(fact);
  draft.data = encode_fact(fact);
}

}  // namespace

Life::Life() {
  configuration_.name = name("bench");
  configuration_.ledger = "/var/lib/hal9/bench.ledger";
  configuration_.regions = {name("us-west-2"), name("us-east-1"), name("eu-west-1")};
  configuration_.components = {name("substrate"), name("protocol"), name("cognitive")};
  routes_ = routes_of(configuration_);
}

Draft Life::draft(const Told& told, std::uint64_t place) const {
  Draft made;
  made.id.bytes = numbered(1, turn_ * 4 + place);
  made.subject = "all";
  made.time = kStart + std::chrono::milliseconds{turn_};
  made.author = {"system", "system:executor", "", "cli"};
  made.correlation.bytes = numbered(2, turn_ / 20);
  made.causation = told.command;
  return made;
}

Told Life::opening() {
  Told told{CommandId{numbered(3, 0)}, {}};
  const Fact facts[] = {
      MigrationOpened{configuration_.name},
      ConfigurationAccepted{digest_of(configuration_), configuration_},
      ExecutorTaken{1},
      PhaseEntered{Phase::none, Phase::canary},
  };
  for (const Fact& fact : facts) {
    Draft& asked = told.drafts.emplace_back(draft(told, told.drafts.size()));
    // A phase that traffic goes forward to is entered by whoever asked for it.
    asked.author = {"user", "os:alice", "operator", "cli"};
    put(asked, fact);
  }
  return told;
}

Told Life::next() {
  const std::uint64_t turn = turn_;
  Told told{CommandId{numbered(3, turn)}, {}};
  if (turn == 0) {
    told = opening();
  } else if (turn % kRemarkEvery == 0) {
    Draft& remark = told.drafts.emplace_back(draft(told, 0));
    remark.author = {"user", "os:alice", "operator", "cli"};
    remark.reason = "asked by the people on call, see the page of the day";
    remark.nonce = numbered(4, turn);
    put(remark, AnnotationAdded{"error rate looked at, nothing above the day before", "", {}});
  } else {
    const Route& route = routes_[turn / 2 % routes_.size()];
    const RouteAmount amount{
        route, Share::of_hundredths(static_cast<std::uint32_t>(turn / 2 % 10000)), {}
    };
    const std::string subject = to_text(route);
    if (turn % 2 == 1) {
      Draft& asked = told.drafts.emplace_back(draft(told, 0));
      asked.author = {"user", "os:alice", "operator", "cli"};
      put(asked, TrafficRequested{{amount}});
    } else {
      put(told.drafts.emplace_back(draft(told, 0)), TrafficApplied{1, {amount}});
      put(told.drafts.emplace_back(draft(told, 1)), TrafficObserved{1, {amount}});
    }
    for (Draft& one : told.drafts) one.subject = subject;
  }
  ++turn_;
  return told;
}

Draft one_draft(std::uint64_t number) {
  Draft made;
  made.id.bytes = numbered(1, number);
  made.subject = "all";
  made.time = kStart + Micros{static_cast<std::int64_t>(number)};
  made.author = {"user", "os:alice", "operator", "cli"};
  made.correlation.bytes = numbered(2, number / 50);
  made.causation = CommandId{numbered(3, number)};
  const auto share = [&](std::uint64_t of) {
    return Share::of_hundredths(static_cast<std::uint32_t>(number % of));
  };
  const std::vector<RouteAmount> amounts{
      {{name("eu-west-1"), name("protocol")}, share(10000), {}},
      {{name("us-west-2"), name("substrate")}, share(9000), {}},
  };
  if (number % 2 == 0) {
    put(made, TrafficApplied{1, amounts});
  } else {
    put(made, TrafficObserved{1, amounts});
  }
  return made;
}

void make_long_ledger(const std::filesystem::path& file, std::uint64_t events) {
  must(sqlite::create(file, "bench"));
  auto store = must(sqlite::open(file));
  Life life;
  State state;
  while (state.sequence.value < events) {
    auto batch = must(store->begin(std::chrono::milliseconds{1000}));
    const std::uint64_t until = state.sequence.value + kAtOnce;
    while (state.sequence.value < until) {
      const Told told = life.next();
      const ledger::Sequence before = state.sequence;
      const Time now = told.drafts.front().time;
      for (const auto& event :
           must(batch->append(told.drafts, now, told.command, sha256(told.drafts.front().data)))) {
        evolve(state, event);
      }
      must(engine::keep_snapshot(*batch, before, state));
    }
    must(batch->commit());
  }
  if (state.anomaly_count != 0) throw std::runtime_error("the long ledger does not fold");
}

}  // namespace hal9::bench
