#include "adapters/haproxy/balancer.h"

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/socket_client.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <algorithm>
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

// Answers come in the order of the questions; the first one that makes no sense is the error.
class Reader {
 public:
  explicit Reader(const std::vector<std::string>& answers) : answers_(answers) {}

  template <class T>
  void take(Result<T> (*parse)(std::string_view), T& into) {
    const auto& answer = answers_[next_++];
    if (error_) return;
    auto value = parse(answer);
    if (value) {
      into = std::move(*value);
    } else {
      error_ = std::move(value.error());
    }
  }
  void take_values(std::string_view map, Values& into) {
    std::vector<MapEntry> entries;
    take(parse_map, entries);
    into = values_of(entries, map);
    if (into.unreadable && !error_) {
      error_ = Error{Code::failed, "a map holds what is no number", into.problems.front(), {}, {}};
    }
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const std::vector<std::string>& answers_;
  std::size_t next_ = 0;
  std::optional<Error> error_;
};

bool any_up(const std::vector<ServerState>& servers) {
  return std::any_of(servers.begin(), servers.end(), [](const auto& server) {
    return server.up() && !server.in_maintenance();
  });
}

}  // namespace

std::string map_path(const migration::HaproxySettings& settings, std::string_view map) {
  return fmt::format("{}/{}", settings.files, map);
}

std::string Balancer::path(std::string_view map) const {
  return map_path(configuration_.haproxy, map);
}

tl::unexpected<Error> Balancer::named(Error error) const {
  const auto what = fmt::format("balancer {} ({}): {}", name(), balancer_.socket, error.what);
  return tl::unexpected(Error{error.code, what, error.why, error.state, error.next});
}

Result<Connection> Balancer::connect(Deadline by) const {
  if (auto safe = check_settings(configuration_.haproxy); !safe) return pass_on(safe);
  return Connection::open(balancer_.socket, by);
}

Result<engine::Reading> Balancer::read() const {
  auto picture = look(Deadline::in(kReadLimit));
  if (!picture) return named(picture.error());
  auto reading = reading_of(configuration_, *picture);
  for (const auto* servers : {&picture->hierarchical_servers, &picture->mirror_servers}) {
    for (auto& server : in_maintenance(*servers)) {
      reading.in_maintenance.push_back({balancer_.name, std::move(server)});
    }
  }
  return reading;
}

Result<Picture> Balancer::look(Deadline by) const {
  auto connection = connect(by);
  if (!connection) return pass_on(connection);
  const auto& settings = configuration_.haproxy;
  const auto answers = connection->ask(
      {show_map(path(kShareMap)),
       show_map(path(kMirrorMap)),
       show_map(path(kKillMap)),
       show_map(path(kFeatureMap)),
       show_servers(settings.flat_backend),
       show_servers(settings.hierarchical_backend),
       show_servers(settings.mirror_backend),
       show_stat(settings.flat_backend),
       show_stat(settings.hierarchical_backend),
       show_stat(settings.mirror_backend),
       "show table hal9_routes",
       "show info"},
      by
  );
  if (!answers) return tl::unexpected(answers.error());
  Picture picture;
  Reader reader{*answers};
  reader.take_values("share map", picture.share);
  reader.take_values("mirror map", picture.mirror);
  reader.take_values("kill map", picture.kill);
  reader.take_values("feature map", picture.feature);
  reader.take(parse_servers_state, picture.flat_servers);
  reader.take(parse_servers_state, picture.hierarchical_servers);
  reader.take(parse_servers_state, picture.mirror_servers);
  reader.take(parse_stat, picture.flat_stat);
  reader.take(parse_stat, picture.hierarchical_stat);
  reader.take(parse_stat, picture.mirror_stat);
  reader.take(parse_table, picture.counts);
  reader.take(parse_info, picture.process);
  if (const auto& error = reader.error()) return tl::unexpected(*error);
  return picture;
}

Result<void> Balancer::prove_writable() const {
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  const auto written = write_what_is_there(*connection, by);
  if (written) return {};
  auto error = written.error();
  // Names no server, so nothing can come of it; the level is looked at before the name.
  const auto maint =
      connection->ask({"set server " + configuration_.haproxy.hierarchical_backend}, by);
  if (maint && maint->front().starts_with("Permission denied")) error.why += "; maint is refused";
  return named(std::move(error));
}

Result<void> Balancer::write_what_is_there(Connection& connection, Deadline by) const {
  constexpr std::string_view kRefused = "HAProxy does not let a map be written";
  auto answers = connection.ask(
      {show_map(path(kShareMap)), show_map(path(kMirrorMap)), show_map(path(kKillMap))}, by
  );
  if (!answers) return tl::unexpected(answers.error());
  std::vector<MapEntry> share;
  std::vector<MapEntry> mirror;
  std::vector<MapEntry> kill;
  Reader reader{*answers};
  reader.take(parse_map, share);
  reader.take(parse_map, mirror);
  reader.take(parse_map, kill);
  if (const auto& error = reader.error()) return tl::unexpected(*error);
  const auto again = same_again({
      {path(kShareMap), values_of(share, kShareMap), Share::none()},
      {path(kMirrorMap), values_of(mirror, kMirrorMap), Share::none()},
      {path(kKillMap), values_of(kill, kKillMap), kKillOn},
  });
  if (again) {
    answers = connection.ask({*again}, by);
    if (!answers) return tl::unexpected(answers.error());
    return expect_silence(answers->front(), kRefused);
  }
  // Every route gets traffic: a new version of the map, which nobody sees until it is committed.
  answers = connection.ask({prepare_map(path(kShareMap))}, by);
  if (!answers) return tl::unexpected(answers.error());
  const auto version = parse_new_version(answers->front());
  if (!version) return tl::unexpected(version.error());
  answers = connection.ask({drop_map(path(kShareMap), *version)}, by);
  if (!answers) return tl::unexpected(answers.error());
  return expect_silence(answers->front(), kRefused);
}

Result<Traffic> Balancer::set_traffic(const Traffic& asked, Toward toward) const {
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto share = write_map(*connection, kShareMap, asked.share, toward, by);
  if (!share) return named(share.error());
  auto mirror = write_map(*connection, kMirrorMap, asked.mirror, toward, by);
  if (!mirror) return named(mirror.error());
  return Traffic{std::move(*share), std::move(*mirror)};
}

Result<Amounts> Balancer::set_features(const Amounts& asked) const {
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto observed = write_map(*connection, kFeatureMap, asked, Toward::hierarchical, by);
  if (!observed) return named(observed.error());
  return observed;
}

// Toward flat, or for one key that is there: a `set map` for each, since a new version of the whole
// map would bring back what somebody else lowered in other keys before its commit. A raise of more,
// or of a new one: a new version, so that no request sees some routes at their old and some at
// their new value.
Result<Amounts> Balancer::write_map(
    Connection& connection, std::string_view map, const Amounts& asked, Toward toward, Deadline by
) const {
  if (asked.empty()) return Amounts{};
  auto answers = connection.ask({show_map(path(map))}, by);
  if (!answers) return tl::unexpected(answers.error());
  const auto now = parse_map(answers->front());
  if (!now) return tl::unexpected(now.error());
  const auto before = values_of(*now, map);
  const auto wanted = targets(before, asked, toward);
  const auto changes = changes_of(before, wanted);
  const bool one = changes.size() == 1 && before.find(changes.begin()->first).has_value();
  if (one || toward == Toward::flat) {
    std::vector<std::string> commands;
    append_changes(commands, path(map), before, changes);
    commands.push_back(show_map(path(map)));
    answers = connection.ask(commands, by);
  } else if (!changes.empty()) {
    answers = replace_map(connection, map, asked, by);
  }
  if (!answers) return tl::unexpected(answers.error());
  const auto after = parse_map(answers->back());
  if (!after) return tl::unexpected(after.error());
  return compare(map, values_of(*after, map), wanted, toward);
}

Result<std::vector<std::string>> Balancer::replace_map(
    Connection& connection, std::string_view map, const Amounts& asked, Deadline by
) const {
  const auto file = path(map);
  auto answers = connection.ask({prepare_map(file), show_map(file)}, by);
  if (!answers) return answers;
  const auto version = parse_new_version((*answers)[0]);
  if (!version) return tl::unexpected(version.error());
  // Read again as late as possible: what another one lowered in between stays lowered.
  const auto now = parse_map((*answers)[1]);
  if (!now) return tl::unexpected(now.error());
  auto commands = add_entries(file, *version, *now, asked);
  const auto adds = commands.size();
  answers = connection.ask(commands, by);
  if (!answers) return answers;
  for (std::size_t i = 0; i < adds; ++i) {
    if (auto quiet = expect_silence((*answers)[i], "HAProxy refuses a new map"); !quiet) {
      return pass_on(quiet);
    }
  }
  answers = connection.ask({commit_map(file, *version), show_map(file)}, by);
  if (!answers) return answers;
  if (auto quiet = expect_silence((*answers)[0], "HAProxy refuses a new map"); !quiet) {
    return pass_on(quiet);
  }
  return answers;
}

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
          escape_shell("UNIX-CONNECT:" + balancer_.socket)
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
