// The emergency at one balancer in weight mode, the sessions that are left, and what is read.
#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/old_workers.h"
#include "adapters/haproxy/socket_client.h"
#include "adapters/haproxy/weight_balancer.h"
#include "adapters/haproxy/weight_pool.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {

namespace {

using migration::WeightPool;

std::vector<std::string> down_in(const PoolSeen& seen) {
  std::vector<std::string> names;
  for (const auto& server : seen.hierarchical) {
    if (!server.state.in_maintenance()) continue;
    names.push_back(server.state.backend + "/" + server.state.name);
  }
  return names;
}

void append(std::vector<std::string>& into, std::vector<std::string> more) {
  into.insert(into.end(), more.begin(), more.end());
}

bool any_session(const PoolSeen& seen) {
  return std::ranges::any_of(seen.hierarchical, [](const WeightedServer& server) {
    return server.stat.current_sessions > 0;
  });
}

void add(engine::SystemReading& into, const engine::SystemReading& more) {
  into.servers_up += more.servers_up;
  into.servers_down += more.servers_down;
  into.servers_maintenance += more.servers_maintenance;
  into.sessions += more.sessions;
  into.queued += more.queued;
  into.requests += more.requests;
}

bool none_serves(const std::vector<WeightedServer>& servers) {
  return std::ranges::none_of(servers, &WeightedServer::serves);
}

void add_pool(const WeightPool& pool, const PoolSeen& seen, engine::Reading& reading) {
  reading.disagree.insert(reading.disagree.end(), seen.problems.begin(), seen.problems.end());
  const auto flat = system_of(seen.flat);
  const auto hierarchical = system_of(seen.hierarchical);
  add(reading.flat, flat);
  add(reading.hierarchical, hierarchical);
  if (none_serves(seen.flat)) {
    reading.disagree.push_back(fmt::format("no server of flat is up in {}", pool.backend));
  }
  for (const auto& server : seen.hierarchical) {
    if (!server.serves() || server.effective >= server.weight) continue;
    reading.notes.push_back(fmt::format(
        "server {}/{} starts slowly: it counts with {} of its weight {}",
        pool.backend,
        server.state.name,
        server.effective,
        server.weight
    ));
  }
  if (seen.queued > 0) {
    reading.notes.push_back(fmt::format(
        "{} requests wait in the backend {}, for whichever server is free",
        seen.queued,
        pool.backend
    ));
    // Any of them may still come to a server that takes requests.
    if (!none_serves(seen.hierarchical)) reading.hierarchical.queued += seen.queued;
  }
}

engine::RouteReading route_of(
    const WeightPool& pool, const PoolSeen& seen, const migration::Route& route, bool all_halted
) {
  engine::RouteReading reading;
  reading.route = route;
  reading.share = seen.share();
  // Where everything is halted, that is said once, for all.
  reading.halted = !all_halted && seen.halted();
  // Of several routes nobody can tell whose requests they were.
  if (pool.routes.size() == 1) {
    reading.hierarchical_requests = system_of(seen.hierarchical).requests;
    reading.flat_requests = system_of(seen.flat).requests;
  }
  return reading;
}

}  // namespace

engine::Reading weight_reading(
    const migration::Configuration& configuration,
    const Name& balancer,
    const std::vector<PoolSeen>& pools
) {
  engine::Reading reading;
  const auto& all = weight_settings(configuration).pools;
  reading.halted = std::ranges::all_of(pools, &PoolSeen::halted);
  reading.maintenance = reading.halted_each = reading.halted;
  for (std::size_t i = 0; i < all.size(); ++i) {
    add_pool(all[i], pools[i], reading);
    for (auto& server : down_in(pools[i])) {
      reading.in_maintenance.push_back({balancer, std::move(server)});
    }
  }
  for (const auto& route : migration::routes_of(configuration)) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::ranges::find(all[i].routes, route) == all[i].routes.end()) continue;
      reading.routes.push_back(route_of(all[i], pools[i], route, reading.halted));
    }
  }
  for (const auto& feature : configuration.features) {
    reading.features.push_back({feature, Share::none()});
  }
  return reading;
}

std::vector<migration::RouteAmount> weight_amounts(
    const migration::Configuration& configuration, const PoolShares& shares
) {
  std::vector<migration::RouteAmount> amounts;
  const auto& all = weight_settings(configuration).pools;
  for (const auto& route : migration::routes_of(configuration)) {
    for (const auto& [pool, share] : shares) {
      if (std::ranges::find(all[pool].routes, route) == all[pool].routes.end()) continue;
      amounts.push_back({route, share, Share::none()});
    }
  }
  return amounts;
}

// Its share is told and not counted: it takes nobody new, and nobody can change it.
Result<void> WeightBalancer::add_old_workers(engine::Reading& reading, Deadline by) const {
  auto found = old_.each(by, [&](Connection& master, std::uint64_t pid) -> Result<void> {
    std::vector<std::string> questions;
    for (const auto& pool : all()) append(questions, pool_questions(pool));
    auto answers = master.ask(OldWorkers::to(pid, questions), by);
    if (!answers) return pass_on(answers);
    // It runs the configuration of then, which may have had other servers.
    const auto seen = pools_in(*answers, 0);
    if (!seen) {
      reading.notes.push_back(fmt::format("old worker {}: {}", pid, sentence(seen.error())));
      return {};
    }
    const auto then = weight_reading(configuration_, balancer_.name, *seen);
    engine::OldWorkerReading old{balancer_.name, pid, then.flat, then.hierarchical, {}};
    const auto add_work = [](engine::SystemReading& into, const engine::SystemReading& more) {
      into.sessions += more.sessions;
      into.queued += more.queued;
    };
    add_work(reading.flat, then.flat);
    add_work(reading.hierarchical, then.hierarchical);
    auto highest = Share::none();
    for (const auto& route : then.routes) {
      if (!then.halted && !route.halted) highest = std::max(highest, route.share);
    }
    if (highest > Share::none()) {
      reading.notes.push_back(fmt::format(
          "old worker {} at {} still splits with {}% what its {} connections ask: HAProxy lets "
          "nobody change it there; it ends with them, or by SIGTERM",
          pid,
          name(),
          to_text(highest),
          old.flat.sessions + old.hierarchical.sessions
      ));
    }
    reading.old_workers.push_back(std::move(old));
    return {};
  });
  if (!found) return pass_on(found);
  if (found->failed_reloads > 0) {
    reading.notes.push_back(fmt::format(
        "balancer {}: its last {} failed; it runs the configuration of before",
        name(),
        found->failed_reloads == 1 ? "reload" : fmt::format("{} reloads", found->failed_reloads)
    ));
  }
  return {};
}

BalancerCut WeightBalancer::cut(const std::set<std::size_t>& pools, Deadline by) const {
  BalancerCut cut;
  auto connection = connect(by, Connection::kConnectLimit);
  if (connection) {
    cut_in(*connection, pools, by, cut);
  } else {
    cut.problems.push_back(sentence(named(connection.error()).value()));
  }
  cut_old(by, cut);
  return cut;
}

// One write: the names are known, so nothing waits for a look before it.
void WeightBalancer::cut_in(
    Connection& connection, const std::set<std::size_t>& pools, Deadline by, BalancerCut& cut
) const {
  std::vector<std::string> commands;
  for (const auto& pool : all()) append(commands, pool_questions(pool));
  const auto looks = commands.size();
  for (const auto pool : pools) append(commands, cut_commands(all()[pool]));
  const auto changes = commands.size() - looks;
  for (const auto& pool : all()) append(commands, pool_questions(pool));
  auto answers = connection.ask(commands, by);
  if (!answers) {
    cut.problems.push_back(sentence(named(answers.error()).value()));
    return;
  }
  const auto shares = [&](const std::vector<PoolSeen>& seen) {
    PoolShares found;
    for (const auto pool : pools) found[pool] = seen[pool].share();
    return found;
  };
  cut.replied = true;
  if (const auto before = pools_in(*answers, 0)) {
    cut.found = true;
    for (const auto pool : pools) {
      const bool halted = (*before)[pool].halted();
      // What stood in a pool that was halted already was put there by a halt.
      for (auto& server : down_in((*before)[pool])) {
        (halted ? cut.found_halted_down : cut.found_down).push_back(std::move(server));
      }
    }
    cut.before = weight_amounts(configuration_, shares(*before));
  }
  for (std::size_t i = looks; i < looks + changes; ++i) {
    auto quiet = expect_silence((*answers)[i], "HAProxy refuses `" + commands[i] + "`");
    if (!quiet) cut.problems.push_back(sentence(named(quiet.error()).value()));
  }
  const auto after = pools_in(*answers, looks + changes);
  if (!after) {
    cut.problems.push_back(sentence(named(after.error()).value()));
    return;
  }
  cut.answered = true;
  cut.halted = std::ranges::all_of(pools, [&](auto pool) { return (*after)[pool].halted(); });
  cut.maintenance = cut.halted;
  cut.observed = weight_amounts(configuration_, shares(*after));
  for (const auto pool : pools) {
    append(cut.down, down_in((*after)[pool]));
    cut.sessions_left = cut.sessions_left || any_session((*after)[pool]);
    if ((*after)[pool].halted() && (*after)[pool].share() == Share::none()) continue;
    cut.stays = true;
    cut.problems.push_back(sentence(
        named(Error{
                  Code::failed,
                  fmt::format(
                      "backend {} does not show its hierarchical servers in maintenance with "
                      "weight 0",
                      all()[pool].backend
                  ),
                  {},
                  {},
                  {}
              }
        ).value()
    ));
  }
}

// Nobody can cut there what is asked next; whom it serves can be ended.
void WeightBalancer::cut_old(Deadline by, BalancerCut& cut) const {
  engine::Reading old;
  if (const auto read = add_old_workers(old, by); !read) {
    cut.answered = false;
    cut.problems.push_back(sentence(named(read.error()).value()));
    return;
  }
  append(cut.problems, std::move(old.notes));
  cut.sessions_left = cut.sessions_left || old.hierarchical.sessions > 0;
}

engine::EndedSessions WeightBalancer::end_sessions() const {
  const auto by = Deadline::in(Balancer::kWriteLimit);
  engine::EndedSessions ended;
  const auto here = [&]() -> Result<void> {
    auto connection = connect(by);
    if (!connection) return pass_on(connection);
    std::vector<std::string> commands;
    for (const auto& pool : all()) append(commands, pool_questions(pool));
    const auto looks = commands.size();
    for (const auto& pool : all()) {
      for (const auto& server : pool.hierarchical) {
        commands.push_back(fmt::format("shutdown sessions server {}/{}", pool.backend, server));
      }
    }
    auto answers = connection->ask(commands, by);
    if (!answers) return pass_on(answers);
    for (std::size_t i = looks; i < answers->size(); ++i) {
      if (auto quiet = expect_silence((*answers)[i], "HAProxy refuses to end sessions"); !quiet) {
        return quiet;
      }
    }
    // They are ended all the same, only nobody knows how many.
    const auto seen = pools_in(*answers, 0);
    if (!seen) return {};
    for (const auto& pool : *seen) ended.count += system_of(pool.hierarchical).sessions;
    return {};
  }();
  if (!here) ended.problems.push_back(not_ended(here.error()));
  const auto old = end_old_sessions(by);
  if (old) {
    ended.count += *old;
  } else {
    ended.problems.push_back(not_ended(old.error()));
  }
  return ended;
}

// An old worker's proxies count as disabled: each session is ended by its own name.
Result<std::size_t> WeightBalancer::end_old_sessions(Deadline by) const {
  std::size_t count = 0;
  auto found = old_.each(by, [&](Connection& master, std::uint64_t pid) -> Result<void> {
    auto answers = master.ask(OldWorkers::to(pid, {"show sess"}), by);
    if (!answers) return pass_on(answers);
    std::vector<std::string> commands;
    for (const auto& pool : all()) {
      auto sessions = parse_sessions_at(answers->front(), pool.backend, pool.hierarchical);
      if (!sessions) return pass_on(sessions);
      for (const auto& session : *sessions) commands.push_back("shutdown session " + session);
    }
    if (commands.empty()) return {};
    answers = master.ask(OldWorkers::to(pid, commands), by);
    if (!answers) return pass_on(answers);
    for (const auto& answer : *answers) {
      if (answer.starts_with("No such session")) continue;
      auto quiet = expect_silence(answer, "HAProxy refuses to end a session of an old worker");
      if (!quiet) return quiet;
      ++count;
    }
    return {};
  });
  if (!found) return pass_on(found);
  return count;
}

std::string WeightBalancer::not_ended(const Error& error) const {
  return "sessions could not be ended: " + sentence(named(error).value());
}

}  // namespace hal9::haproxy
