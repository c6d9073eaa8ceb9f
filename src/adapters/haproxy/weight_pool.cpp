#include "adapters/haproxy/weight_pool.h"

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/weights.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {

namespace {

std::uint64_t sum(const std::vector<std::uint32_t>& weights) {
  std::uint64_t total = 0;
  for (const auto weight : weights) total += weight;
  return total;
}

std::uint64_t flat_takes(const PoolSeen& seen) {
  std::uint64_t total = 0;
  for (const auto& server : seen.flat) total += server.serves() ? server.effective : 0;
  return total;
}

Result<std::vector<WeightedServer>> servers_of(
    const migration::WeightPool& pool,
    const std::vector<std::string>& names,
    const std::vector<ServerState>& states,
    const std::vector<StatRow>& rows
) {
  std::vector<WeightedServer> servers;
  for (const auto& name : names) {
    const auto state = std::ranges::find(states, name, &ServerState::name);
    const auto row = std::ranges::find(rows, name, &StatRow::service);
    if (state == states.end() || row == rows.end()) {
      return fail(
          Code::failed,
          fmt::format("HAProxy's backend {} has no server {}", pool.backend, name),
          "router.pools names it"
      );
    }
    const auto weight = state->weight;
    const auto initial = state->initial_weight;
    const auto effective = row->weight;
    if (!weight || !initial || !effective) {
      return fail(Code::failed, "HAProxy's answers have no column of weights");
    }
    servers.push_back({*state, *weight, *initial, *effective, *row});
  }
  return servers;
}

void add_changes(
    std::vector<std::string>& commands,
    const migration::WeightPool& pool,
    const std::vector<std::string>& names,
    const std::vector<std::uint32_t>& now,
    const std::vector<std::uint32_t>& wanted,
    auto which
) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!which(now[i], wanted[i])) continue;
    commands.push_back(fmt::format("set weight {}/{} {}", pool.backend, names[i], wanted[i]));
  }
}

bool rises(std::uint32_t now, std::uint32_t wanted) {
  return wanted > now;
}
bool falls(std::uint32_t now, std::uint32_t wanted) {
  return wanted < now;
}

}  // namespace

bool PoolSeen::halted() const {
  return std::ranges::all_of(hierarchical, [](const auto& server) {
    return server.state.in_maintenance();
  });
}

Weights PoolSeen::weights() const {
  Weights now;
  for (const auto& server : flat) now.flat.push_back(server.weight);
  for (const auto& server : hierarchical) now.hierarchical.push_back(server.weight);
  return now;
}

Share PoolSeen::share() const {
  const bool behind_halt = halted();
  std::uint64_t there = 0;
  for (const auto& server : hierarchical) {
    if (server.serves()) {
      there += server.effective;
    } else if (behind_halt || (!server.state.in_maintenance() && !server.state.draining())) {
      there += server.weight;
    }
  }
  return share_of(there, flat_takes(*this));
}

std::vector<std::string> cut_commands(const migration::WeightPool& pool) {
  std::vector<std::string> commands;
  commands.reserve(2 * (pool.flat.size() + pool.hierarchical.size()));
  const auto zero = weights_at(0, pool.flat.size(), pool.hierarchical.size());
  for (std::size_t i = 0; i < pool.flat.size(); ++i) {
    commands.push_back(fmt::format("set weight {}/{} {}", pool.backend, pool.flat[i], zero.flat[i])
    );
  }
  for (const auto& server : pool.hierarchical) {
    commands.push_back(fmt::format("set server {}/{} state maint", pool.backend, server));
  }
  for (const auto& server : pool.hierarchical) {
    commands.push_back(fmt::format("set weight {}/{} 0", pool.backend, server));
  }
  return commands;
}

const migration::WeightSettings& weight_settings(const migration::Configuration& configuration) {
  static const migration::WeightSettings kNone{};
  return configuration.weights ? *configuration.weights : kNone;
}

std::vector<std::string> pool_questions(const migration::WeightPool& pool) {
  return {show_servers(pool.backend), show_stat(pool.backend)};
}

Result<PoolSeen> pool_seen(
    const migration::WeightPool& pool, std::string_view servers, std::string_view stat
) {
  if (is_unknown(servers)) {
    return fail(
        Code::failed,
        fmt::format("HAProxy has no backend {}", pool.backend),
        "router.pools names it"
    );
  }
  auto states = parse_servers_state(servers);
  if (!states) return pass_on(states);
  auto rows = parse_stat(stat);
  if (!rows) return pass_on(rows);
  PoolSeen seen;
  auto flat = servers_of(pool, pool.flat, *states, *rows);
  if (!flat) return pass_on(flat);
  seen.flat = std::move(*flat);
  auto hierarchical = servers_of(pool, pool.hierarchical, *states, *rows);
  if (!hierarchical) return pass_on(hierarchical);
  seen.hierarchical = std::move(*hierarchical);
  for (const auto& row : *rows) {
    if (row.service == "BACKEND") seen.queued = row.queued;
    if (row.backup) {
      seen.problems.push_back(
          fmt::format("server {}/{} is a backup: its weight moves nothing", row.proxy, row.service)
      );
    }
  }
  for (const auto& state : *states) {
    const auto is = [&](const std::vector<std::string>& names) {
      return std::ranges::find(names, state.name) != names.end();
    };
    if (is(pool.flat) || is(pool.hierarchical)) continue;
    seen.problems.push_back(fmt::format(
        "server {}/{} is neither in flat nor in hierarchical of router.pools",
        pool.backend,
        state.name
    ));
  }
  return seen;
}

std::vector<std::string> weight_commands(
    const migration::WeightPool& pool, const Weights& now, const Weights& wanted
) {
  std::vector<std::string> commands;
  const auto differs = [](std::uint32_t is, std::uint32_t should) { return is != should; };
  add_changes(commands, pool, pool.flat, now.flat, wanted.flat, rises);
  add_changes(commands, pool, pool.hierarchical, now.hierarchical, wanted.hierarchical, differs);
  add_changes(commands, pool, pool.flat, now.flat, wanted.flat, falls);
  return commands;
}

Weights toward_flat(const Weights& now, const Weights& wanted) {
  Weights to = wanted;
  for (std::size_t i = 0; i < to.flat.size(); ++i) to.flat[i] = std::max(to.flat[i], now.flat[i]);
  for (std::size_t i = 0; i < to.hierarchical.size(); ++i) {
    to.hierarchical[i] = std::min(to.hierarchical[i], now.hierarchical[i]);
  }
  return to;
}

Weights beside_what_flat_takes(const PoolSeen& seen, Weights wanted, Share share) {
  auto flat = flat_takes(seen);
  // Nobody would answer at all: that flat is down is said, and is a person's matter.
  if (flat == 0 && share > Share::none()) return wanted;
  const auto servers = wanted.hierarchical.size();
  auto total = static_cast<std::uint32_t>(sum(wanted.hierarchical));
  const auto full = total;
  while (total > 0 && share_of(total, flat) > share) --total;
  if (total == full) return wanted;
  const auto less = spread(total, servers);
  for (std::size_t i = 0; i < servers; ++i) {
    wanted.hierarchical[i] = std::min(wanted.hierarchical[i], less[i]);
  }
  return wanted;
}

engine::SystemReading system_of(const std::vector<WeightedServer>& servers) {
  engine::SystemReading system;
  for (const auto& server : servers) {
    if (server.state.in_maintenance() || server.state.draining()) {
      ++system.servers_maintenance;
    } else if (server.state.up()) {
      ++system.servers_up;
    } else {
      ++system.servers_down;
    }
    system.sessions += server.stat.current_sessions;
    system.queued += server.stat.queued;
    // lbtot does not count clients that a cookie keeps at a server; stot does.
    system.requests += std::max(server.stat.balanced, server.stat.sessions);
  }
  return system;
}

}  // namespace hal9::haproxy
