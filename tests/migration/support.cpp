#include "migration/support.h"

#include "base/name.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/actor.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/decide.h"
#include "migration/events.h"
#include "migration/evolve.h"
#include "migration/gate.h"
#include "migration/phase.h"
#include "migration/ramp.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::migration::test {

Name name(std::string_view text) {
  return Name::parse(text).value();
}

Route route(std::string_view text) {
  return parse_route(text).value();
}

Configuration small_configuration() {
  Configuration configuration;
  configuration.name = name("demo");
  configuration.ledger = "/tmp/hal9.db";
  configuration.regions = {name("us-west-2"), name("eu-west-1")};
  configuration.components = {name("substrate"), name("cognitive")};
  configuration.features = {name("hierarchical_learning"), name("meta_cognition")};
  return configuration;
}

Bench::Bench() : now(parse_time("2026-08-01T03:00:00.000000Z").value()) {
  run(OpenMigration{name("demo")});
  run(AcceptConfiguration{small_configuration()});
}

Bench::Bench(State from)
    : state(std::move(from)), now(parse_time("2026-08-01T03:00:00.000000Z").value()), made_(1000) {}

Command Bench::command(CommandBody body) {
  now += std::chrono::seconds(1);
  ++made_;
  Command command;
  command.id.bytes[14] = static_cast<std::uint8_t>(made_ >> 8U);
  command.id.bytes[15] = static_cast<std::uint8_t>(made_);
  command.at = now;
  command.actor = {AuthType::user, "os:alice", Role::operator_, Via::cli};
  command.correlation.bytes = command.id.bytes;
  command.body = std::move(body);
  return command;
}

Result<std::vector<Decided>> Bench::ask(CommandBody body) {
  return ask(command(std::move(body)));
}

Result<std::vector<Decided>> Bench::ask(const Command& command) {
  auto decided = decide(state, command);
  if (!decided) return decided;
  for (const auto& one : *decided) evolve(state, event_of(state, one, command));
  return decided;
}

std::vector<std::string> Bench::run(CommandBody body) {
  auto decided = ask(std::move(body));
  if (!decided) {
    ADD_FAILURE() << decided.error().what << " / " << decided.error().why;
    return {};
  }
  auto all = types(*decided);
  for (auto& type : settle()) all.push_back(std::move(type));
  return all;
}

namespace {

// Where every running rollback ends, the lowest of each route.
std::vector<RouteAmount> ends_of_all(const State& state) {
  std::map<Route, RouteAmount> lowest;
  for (const auto& rollback : state.running) {
    const auto& plan = rollback.plan;
    for (const auto& amount : amounts_at(plan, plan.ends - plan.started)) {
      auto& known = lowest.try_emplace(amount.route, amount).first->second;
      known.share = std::min(known.share, amount.share);
      known.mirror = std::min(known.mirror, amount.mirror);
    }
  }
  std::vector<RouteAmount> amounts;
  for (auto& [route, amount] : lowest) amounts.push_back(std::move(amount));
  return amounts;
}

}  // namespace

std::vector<std::string> Bench::settle() {
  ReportTraffic report;
  report.fence = state.fence;
  report.halt_cleared = state.halt && state.halt_released && *state.halt_released >= *state.halt;
  if (!state.running.empty()) {
    report.applied = ends_of_all(state);
    for (const auto& rollback : state.running) now = std::max(now, rollback.plan.ends);
  } else {
    for (const auto& [route, now_at] : state.routes) {
      if (now_at.share.requested == now_at.share.observed &&
          now_at.mirror.requested == now_at.mirror.observed) {
        continue;
      }
      report.applied.push_back({route, now_at.share.requested, now_at.mirror.requested});
    }
  }
  report.observed = report.applied;
  std::vector<std::string> all;
  if (!report.applied.empty() || report.halt_cleared || !state.running.empty()) {
    all = types(ask(std::move(report)).value());
  }
  ReportFeatures features;
  features.fence = state.fence;
  for (const auto& [feature, amount] : state.features) {
    if (amount.requested != amount.observed) {
      features.applied.push_back({feature, amount.requested});
    }
  }
  features.observed = features.applied;
  if (features.applied.empty()) return all;
  for (auto& type : types(ask(std::move(features)).value())) all.push_back(std::move(type));
  return all;
}

Move move(Phase phase, std::optional<Share> percentage) {
  Move move;
  move.phase = phase;
  move.percentage = percentage;
  move.halts_seen = {(1ULL << 53U) - 1};  // every halt
  move.gates = {{GateName::router, GateOutcome::passed, "reads and writes", false}};
  return move;
}

RollBack rollback(std::optional<Phase> from, std::optional<Share> percentage) {
  RollBack rollback;
  rollback.from_phase = from;
  rollback.percentage = percentage;
  return rollback;
}

RecordCut emergency(const Bench& bench, std::uint64_t id) {
  RecordCut cut;
  cut.rollback.bytes[7] = 0xEE;
  cut.rollback.bytes[15] = static_cast<std::uint8_t>(id);
  cut.started = bench.now;
  cut.observed_at = bench.now + std::chrono::milliseconds(20);
  cut.halt = true;
  cut.maintenance = true;
  for (const auto& [route, amounts] : bench.state.routes) {
    cut.before.push_back({route, amounts.share.observed, amounts.mirror.observed});
    cut.applied.push_back({route, Share::none(), Share::none()});
  }
  cut.observed = cut.applied;
  return cut;
}

std::vector<std::string> types(const std::vector<Decided>& decided) {
  std::vector<std::string> list;
  for (const auto& one : decided) {
    const std::string type = type_of(one.fact);
    list.push_back(type.substr(5, type.size() - 5 - 3));
  }
  return list;
}

ledger::Event event_of(const State& state, const Decided& decided, const Command& command) {
  ledger::Event event;
  event.sequence.value = state.sequence.value + 1;
  event.recorded = std::max(command.at, state.time + std::chrono::microseconds(1));
  event.source = "/hal9/ledger/demo";
  auto& draft = event.draft;
  draft.type = type_of(decided.fact);
  draft.subject = decided.subject;
  draft.time = decided.time.value_or(command.at);
  draft.author = {
      to_text(command.actor.auth),
      command.actor.id,
      to_text(command.actor.role),
      to_text(command.actor.via)
  };
  draft.reason = command.reason;
  draft.correlation = command.correlation;
  draft.causation = command.id;
  draft.data = encode_fact(decided.fact);
  return event;
}

}  // namespace hal9::migration::test
