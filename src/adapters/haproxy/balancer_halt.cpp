// A halt's end at one balancer: servers out of maintenance, and the kill switch last.
#include "adapters/haproxy/answer_reader.h"
#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/place.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

namespace hal9::haproxy {
namespace {

using engine::Toward;

bool any_up(const std::vector<ServerState>& servers) {
  return std::any_of(servers.begin(), servers.end(), [](const auto& server) {
    return server.up() && !server.in_maintenance();
  });
}

}  // namespace

Result<std::vector<ServerState>> Balancer::servers_to_move(Connection& connection, Deadline by)
    const {
  const auto& settings = configuration_.haproxy;
  const auto answers = connection.ask(
      {show_servers(settings.hierarchical_backend), show_servers(settings.mirror_backend)}, by
  );
  if (!answers) return tl::unexpected(answers.error());
  std::vector<ServerState> servers;
  std::vector<ServerState> mirrors;
  Reader reader{*answers};
  reader.take(parse_servers_state, servers);
  reader.take(parse_servers_state, mirrors);
  if (const auto& error = reader.error()) return tl::unexpected(*error);
  servers.insert(servers.end(), mirrors.begin(), mirrors.end());
  return servers;
}

Result<void> Balancer::wait_until_up(Connection& connection, Deadline by) const {
  constexpr int kPauseMilliseconds = 50;
  std::vector<std::string> down;
  while (true) {
    const auto answers =
        connection.ask({show_servers(configuration_.haproxy.hierarchical_backend)}, by);
    if (!answers) return tl::unexpected(answers.error());
    const auto servers = parse_servers_state(answers->front());
    if (!servers) return tl::unexpected(servers.error());
    if (any_up(*servers)) return {};
    down = in_maintenance(*servers);
    if (by.left().count() <= kPauseMilliseconds) break;
    ::poll(nullptr, 0, kPauseMilliseconds);
  }
  constexpr std::string_view kNotUp = "no server of the hierarchical system is up yet";
  constexpr std::string_view kStill = "the kill switch is still on: all traffic is at flat";
  if (down.empty()) {
    return fail(
        Code::negative,
        std::string{kNotUp},
        "they are out of maintenance, but their health check does not pass",
        std::string{kStill}
    );
  }
  return fail(
      Code::negative,
      std::string{kNotUp},
      fmt::format(
          "{} was in maintenance before the emergency, and is left to whoever put it there",
          fmt::join(down, ", ")
      ),
      std::string{kStill},
      fmt::format(
          "echo 'set server {} state ready' | socat -t5 - {}",
          down.front(),
          socat_address(balancer_)
      )
  );
}

// The kill switch goes last: until then everything behind it can change without an effect.
Result<void> Balancer::clear_halt(const std::set<std::string>& put_down) const {
  const auto is_ours = [&](const ServerState& server) {
    return server.in_maintenance() && put_down.contains(server.backend + "/" + server.name);
  };
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  const auto servers = servers_to_move(*connection, by);
  if (!servers) return named(servers.error());
  std::vector<std::string> commands;
  for (const auto& server : *servers) {
    if (is_ours(server)) commands.push_back(set_server(server, "ready"));
  }
  if (const auto answers = connection->ask(commands, by); !answers) return named(answers.error());
  if (const auto up = wait_until_up(*connection, by.at_most(kUpLimit)); !up) {
    return named(up.error());
  }
  const Amounts off{{std::string{kAllRoutes}, Share::none()}};
  const auto cleared = write_map(*connection, kKillMap, off, Toward::hierarchical, by);
  if (!cleared) return named(cleared.error());
  const auto again = servers_to_move(*connection, by);
  if (!again) return named(again.error());
  for (const auto& server : *again) {
    if (!is_ours(server)) continue;
    return named(Error{
        Code::failed,
        fmt::format("server {}/{} is still in maintenance", server.backend, server.name),
        {},
        "the kill switch is off",
        {}
    });
  }
  return {};
}

}  // namespace hal9::haproxy
