#include "adapters/haproxy/weight_balancer.h"

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/old_workers.h"
#include "adapters/haproxy/place.h"
#include "adapters/haproxy/socket_client.h"
#include "adapters/haproxy/weight_pool.h"
#include "adapters/haproxy/weights.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>

namespace hal9::haproxy {

namespace {

using engine::Toward;

constexpr int kPauseMilliseconds = 50;

Weights wanted_of(const migration::WeightPool& pool, Share share) {
  return weights_at(step_of(share), pool.flat.size(), pool.hierarchical.size());
}

void append(std::vector<std::string>& into, std::vector<std::string> more) {
  into.insert(into.end(), more.begin(), more.end());
}

PoolShares shares_of(const std::vector<PoolSeen>& seen, const PoolShares& asked) {
  PoolShares shares;
  for (const auto& [pool, share] : asked) shares[pool] = seen[pool].share();
  return shares;
}

Error still_above(const migration::WeightPool& pool, Share is, Share asked, const PoolSeen& seen) {
  std::string why = "its weights are not as they were set";
  for (const auto& server : seen.flat) {
    const auto& name = server.state.name;
    if (!server.serves()) why = fmt::format("server {} of flat takes nothing now", name);
    if (server.serves() && server.effective < server.weight) {
      why = fmt::format("server {} of flat starts slowly, and takes less than its weight", name);
    }
  }
  return Error{
      Code::failed,
      fmt::format(
          "backend {} sends {}% to hierarchical, not {}%", pool.backend, to_text(is), to_text(asked)
      ),
      std::move(why),
      {},
      "hal9-migrate traffic --verify"
  };
}

// More would go to hierarchical than was asked for: a server that is not there takes nothing.
Result<void> all_of_flat_serve(const migration::WeightPool& pool, const PoolSeen& seen) {
  for (const auto& server : seen.flat) {
    if (server.serves()) continue;
    return fail(
        Code::failed,
        fmt::format("server {}/{} of flat is not up", pool.backend, server.state.name),
        "weights would send more to hierarchical than was asked for",
        "nothing was raised"
    );
  }
  return {};
}

}  // namespace

tl::unexpected<Error> WeightBalancer::named(Error error) const {
  error.what = fmt::format("balancer {} ({}): {}", name(), place_text(balancer_), error.what);
  return tl::unexpected(std::move(error));
}

Result<Connection> WeightBalancer::connect(Deadline by, std::chrono::milliseconds limit) const {
  auto place = place_of(balancer_);
  if (!place) return pass_on(place);
  return Connection::open(*place, by, limit);
}

Result<std::vector<PoolSeen>> WeightBalancer::pools_in(
    const std::vector<std::string>& answers, std::size_t from
) const {
  std::vector<PoolSeen> seen;
  for (const auto& pool : all()) {
    auto one = pool_seen(pool, answers[from], answers[from + 1]);
    if (!one) return pass_on(one);
    seen.push_back(std::move(*one));
    from += 2;
  }
  return seen;
}

Result<std::vector<PoolSeen>> WeightBalancer::look(
    Connection& connection, std::vector<std::string> commands, Deadline by
) const {
  const auto changes = commands.size();
  for (const auto& pool : all()) append(commands, pool_questions(pool));
  auto answers = connection.ask(commands, by);
  if (!answers) return pass_on(answers);
  for (std::size_t i = 0; i < changes; ++i) {
    auto quiet = expect_silence((*answers)[i], "HAProxy refuses `" + commands[i] + "`");
    if (!quiet) return pass_on(quiet);
  }
  return pools_in(*answers, changes);
}

Result<std::vector<PoolSeen>> WeightBalancer::pools() const {
  const auto by = Deadline::in(Balancer::kReadLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto seen = look(*connection, {}, by);
  if (!seen) return named(seen.error());
  return seen;
}

Result<std::string> WeightBalancer::state() const {
  const auto by = Deadline::in(Balancer::kReadLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto answers = connection->ask({"show servers state"}, by);
  if (!answers) return named(answers.error());
  if (auto servers = parse_servers_state(answers->front()); !servers) {
    return named(servers.error());
  }
  return std::move(answers->front());
}

Result<engine::Reading> WeightBalancer::read() const {
  const auto by = Deadline::in(Balancer::kReadLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  std::vector<std::string> questions{"show info"};
  for (const auto& pool : all()) append(questions, pool_questions(pool));
  auto answers = connection->ask(questions, by);
  if (!answers) return named(answers.error());
  const auto process = parse_info(answers->front());
  if (!process) return named(process.error());
  const auto seen = pools_in(*answers, 1);
  if (!seen) return named(seen.error());
  auto reading = weight_reading(configuration_, balancer_.name, *seen);
  reading.identity = fmt::format("pid {}", process->pid);
  if (process->started != 0) reading.identity += fmt::format(", started {}", process->started);
  if (const auto old = add_old_workers(reading, by); !old) return named(old.error());
  return reading;
}

// A hierarchical weight of 0 or a full one of flat can be written again whenever: whoever lowers
// between the look and this write is not undone.
Result<void> WeightBalancer::prove_writable() const {
  const auto by = Deadline::in(Balancer::kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  const auto seen = look(*connection, {}, by);
  if (!seen) return named(seen.error());
  // Names no server, so nothing can come of it; the level is looked at before the name.
  std::string command = "set weight " + all().front().backend + "/ 0";
  bool names_a_server = false;
  for (std::size_t i = 0; i < all().size(); ++i) {
    for (const auto& server : (*seen)[i].hierarchical) {
      if (server.weight != 0) continue;
      command = fmt::format("set weight {}/{} 0", all()[i].backend, server.state.name);
      names_a_server = true;
    }
    const auto full = wanted_of(all()[i], Share::none());
    for (std::size_t n = 0; n < full.flat.size(); ++n) {
      const auto& server = (*seen)[i].flat[n];
      if (server.weight != full.flat[n]) continue;
      command =
          fmt::format("set weight {}/{} {}", all()[i].backend, server.state.name, full.flat[n]);
      names_a_server = true;
    }
  }
  auto answers = connection->ask({command}, by);
  if (!answers) return named(answers.error());
  const std::string& said = answers->front();
  if (said.starts_with("Permission denied") || names_a_server) {
    if (auto quiet = expect_silence(said, "HAProxy does not let a weight be written"); !quiet) {
      return named(quiet.error());
    }
  }
  if (const auto proven = old_.each(by, [](auto&, auto) { return Result<void>{}; }); !proven) {
    return named(proven.error());
  }
  return {};
}

Result<PoolShares> WeightBalancer::set(const PoolShares& asked, Toward toward) const {
  const auto by = Deadline::in(Balancer::kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto seen =
      toward == Toward::flat ? lower(*connection, asked, by) : raise(*connection, asked, by);
  if (!seen) return named(seen.error());
  return shares_of(*seen, asked);
}

// Each value is read before it is written, so that a late lowering raises nothing.
Result<std::vector<PoolSeen>> WeightBalancer::lower(
    Connection& connection, const PoolShares& asked, Deadline by
) const {
  auto seen = look(connection, {}, by);
  if (!seen) return seen;
  // A second time where flat takes less than its weights say: then hierarchical gets less as well.
  for (int time = 0; time < 2; ++time) {
    std::vector<std::string> commands;
    for (const auto& [number, share] : asked) {
      const auto& pool = all()[number];
      const auto& now = (*seen)[number];
      if (now.share() <= share) continue;
      auto wanted = toward_flat(now.weights(), wanted_of(pool, share));
      if (time > 0) wanted = beside_what_flat_takes(now, std::move(wanted), share);
      append(commands, weight_commands(pool, now.weights(), wanted));
    }
    if (commands.empty()) break;
    seen = look(connection, std::move(commands), by);
    if (!seen) return seen;
  }
  for (const auto& [number, share] : asked) {
    const auto& now = (*seen)[number];
    if (now.share() <= share) continue;
    return tl::unexpected(still_above(all()[number], now.share(), share, now));
  }
  return seen;
}

// Hierarchical's are written with flat's: if somebody lowered in between, nothing is left at 0 on both
// sides. A slow start of hierarchical is waited for as long as the deadline lets it.
Result<std::vector<PoolSeen>> WeightBalancer::raise(
    Connection& connection, const PoolShares& asked, Deadline by
) const {
  auto seen = look(connection, {}, by);
  if (!seen) return seen;
  std::vector<std::string> commands;
  for (const auto& [number, share] : asked) {
    const auto& pool = all()[number];
    const auto& now = (*seen)[number];
    if (auto ready = all_of_flat_serve(pool, now); !ready) return pass_on(ready);
    append(commands, weight_commands(pool, now.weights(), wanted_of(pool, share)));
  }
  seen = look(connection, std::move(commands), by);
  if (!seen) return seen;
  // Behind a halt nobody is at hierarchical, and flat must not be at 0 for a moment longer.
  std::vector<std::string> flat_again;
  for (const auto& [number, share] : asked) {
    const auto& now = (*seen)[number];
    if (!now.halted() || share < Share::all()) continue;
    auto wanted = now.weights();
    wanted.flat = wanted_of(all()[number], Share::none()).flat;
    append(flat_again, weight_commands(all()[number], now.weights(), wanted));
  }
  if (!flat_again.empty()) return look(connection, std::move(flat_again), by);
  const auto arrives = [&] {
    return std::ranges::any_of(asked, [&](const auto& one) {
      const auto& now = (*seen)[one.first];
      return now.share() < one.second && std::ranges::any_of(
                                             now.hierarchical,
                                             [](const WeightedServer& server) {
                                               return server.serves() &&
                                                      server.effective < server.weight;
                                             }
                                         );
    });
  };
  const auto reserve = std::chrono::milliseconds{1000};
  while (arrives() && by.left() > reserve) {
    ::poll(nullptr, 0, kPauseMilliseconds);
    seen = look(connection, {}, by);
    if (!seen) return seen;
  }
  for (const auto& [number, share] : asked) {
    const auto& now = (*seen)[number];
    if (now.share() <= share) continue;
    return tl::unexpected(still_above(all()[number], now.share(), share, now));
  }
  return seen;
}

// Shares are as they were, which is 0 after an emergency.
Result<void> WeightBalancer::clear_halt(const std::set<std::string>& servers) const {
  const auto by = Deadline::in(Balancer::kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto seen = look(*connection, {}, by);
  if (!seen) return named(seen.error());
  std::vector<std::string> commands;
  std::vector<std::size_t> touched;
  for (std::size_t i = 0; i < all().size(); ++i) {
    for (const auto& server : (*seen)[i].hierarchical) {
      const auto& state = server.state;
      if (!state.in_maintenance() || !servers.contains(state.backend + "/" + state.name)) continue;
      commands.push_back(set_server(state, "ready"));
      touched.push_back(i);
    }
  }
  seen = look(*connection, std::move(commands), by);
  if (!seen) return named(seen.error());
  const auto down = [&]() -> std::optional<std::size_t> {
    for (const auto i : touched) {
      const auto& there = (*seen)[i].hierarchical;
      if (std::ranges::none_of(there, &WeightedServer::serves)) return i;
    }
    return std::nullopt;
  };
  const auto until = by.at_most(Balancer::kUpLimit);
  while (down() && until.left().count() > kPauseMilliseconds) {
    ::poll(nullptr, 0, kPauseMilliseconds);
    seen = look(*connection, {}, by);
    if (!seen) return named(seen.error());
  }
  if (const auto pool = down()) {
    return named(Error{
        Code::negative,
        fmt::format("no hierarchical server of backend {} is up yet", all()[*pool].backend),
        "they are out of maintenance, but their health check does not pass",
        "their weights are as the emergency left them: all traffic is at flat",
        {}
    });
  }
  return {};
}

}  // namespace hal9::haproxy
