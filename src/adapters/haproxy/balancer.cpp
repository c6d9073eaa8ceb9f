#include "adapters/haproxy/balancer.h"

#include "adapters/haproxy/answer_reader.h"
#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/place.h"
#include "adapters/haproxy/socket_client.h"
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

void raise_to(Amounts& into, const Amounts& other) {
  for (const auto& [key, share] : other) {
    const auto found = into.find(key);
    if (found != into.end()) found->second = std::max(found->second, share);
  }
}

// As its map files were installed: what a restart leaves, and no emergency, which puts servers down.
bool is_as_installed(const engine::Reading& reading) {
  const auto at_zero = [](const auto& one) {
    return one.share == Share::none() && one.mirror == Share::none();
  };
  return reading.halted && reading.in_maintenance.empty() &&
         std::ranges::all_of(reading.routes, at_zero) &&
         std::ranges::all_of(reading.others, at_zero);
}

}  // namespace

std::string maps_of(
    const migration::HaproxySettings& settings, const migration::Balancer& balancer
) {
  return balancer.maps.value_or(settings.files);
}

std::vector<std::string> folders_here(const migration::HaproxySettings& settings) {
  std::vector<std::string> folders;
  for (const auto& balancer : settings.balancers) {
    if (balancer.elsewhere.value_or(false)) continue;
    auto folder = maps_of(settings, balancer);
    if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(std::move(folder));
  }
  return folders;
}

std::string map_path(std::string_view folder, std::string_view map) {
  return fmt::format("{}/{}", folder, map);
}

std::string Balancer::path(std::string_view map) const {
  return map_path(maps_of(configuration_.haproxy, balancer_), map);
}

tl::unexpected<Error> Balancer::named(Error error) const {
  const auto what = fmt::format("balancer {} ({}): {}", name(), place_text(balancer_), error.what);
  return tl::unexpected(Error{error.code, what, error.why, error.state, error.next});
}

Result<Connection> Balancer::connect(Deadline by, std::chrono::milliseconds limit) const {
  if (auto safe = check_settings(configuration_.haproxy); !safe) return pass_on(safe);
  auto place = place_of(balancer_);
  if (!place) return pass_on(place);
  return Connection::open(*place, by, limit);
}

Result<engine::Reading> Balancer::read() const {
  const auto by = Deadline::in(kReadLimit);
  auto picture = look(by);
  if (!picture) return named(picture.error());
  const auto old = old_.look(by);
  if (!old) return named(old.error());
  auto reading = reading_of(configuration_, *picture);
  for (const auto* servers : {&picture->hierarchical_servers, &picture->mirror_servers}) {
    for (auto& server : in_maintenance(*servers)) {
      reading.in_maintenance.push_back({balancer_.name, std::move(server)});
    }
  }
  if (balancer_.elsewhere.value_or(false) && is_as_installed(reading)) reading.fallen = {name()};
  for (const auto& worker : old->workers) add_old_worker(balancer_.name, worker, reading);
  if (old->failed_reloads > 0) {
    reading.notes.push_back(fmt::format(
        "balancer {}: its last {} failed; it runs the configuration of before",
        name(),
        old->failed_reloads == 1 ? "reload" : fmt::format("{} reloads", old->failed_reloads)
    ));
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
  if (written) {
    if (const auto proven = old_.prove(by); !proven) return named(proven.error());
    return {};
  }
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
  if (toward == Toward::flat) return lower(asked);
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto share = write_map(*connection, kShareMap, asked.share, toward, by);
  if (!share) return named(share.error());
  auto mirror = write_map(*connection, kMirrorMap, asked.mirror, toward, by);
  if (!mirror) return named(mirror.error());
  return Traffic{std::move(*share), std::move(*mirror)};
}

// Old workers are lowered though the new one fails, and the other way round.
Result<Traffic> Balancer::lower(const Traffic& asked) const {
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  auto seen =
      connection ? lower_maps(*connection, asked, by) : Result<Traffic>(pass_on(connection));
  const auto old = old_.lower(asked, by);
  if (!seen) return named(seen.error());
  if (!old) return named(old.error());
  raise_to(seen->share, old->share);
  raise_to(seen->mirror, old->mirror);
  return seen;
}

// Both maps in two writes, so that a HAProxy that is slow to answer is waited for twice. A `set map`
// for each key, since a new version of the whole map would bring back what somebody else lowered in
// other keys before its commit.
Result<Traffic> Balancer::lower_maps(Connection& connection, const Traffic& asked, Deadline by)
    const {
  std::vector<std::string> looks;
  if (!asked.share.empty()) looks.push_back(show_map(path(kShareMap)));
  if (!asked.mirror.empty()) looks.push_back(show_map(path(kMirrorMap)));
  if (looks.empty()) return Traffic{};
  Values share;
  Values mirror;
  const auto read = [&](const std::vector<std::string>& answers, std::size_t from) {
    Reader reader{answers, from};
    if (!asked.share.empty()) reader.take_entries(kShareMap, share);
    if (!asked.mirror.empty()) reader.take_entries(kMirrorMap, mirror);
    return reader.error();
  };
  auto answers = connection.ask(looks, by);
  if (!answers) return pass_on(answers);
  if (const auto error = read(*answers, 0)) return tl::unexpected(*error);
  const Traffic wanted{
      targets(share, asked.share, Toward::flat), targets(mirror, asked.mirror, Toward::flat)
  };
  std::vector<std::string> commands;
  append_changes(commands, path(kShareMap), share, changes_of(share, wanted.share));
  append_changes(commands, path(kMirrorMap), mirror, changes_of(mirror, wanted.mirror));
  if (const auto changes = commands.size(); changes > 0) {
    commands.insert(commands.end(), looks.begin(), looks.end());
    answers = connection.ask(commands, by);
    if (!answers) return pass_on(answers);
    if (const auto error = read(*answers, changes)) return tl::unexpected(*error);
  }
  auto seen_share = compare(kShareMap, share, wanted.share, Toward::flat);
  if (!seen_share) return pass_on(seen_share);
  auto seen_mirror = compare(kMirrorMap, mirror, wanted.mirror, Toward::flat);
  if (!seen_mirror) return pass_on(seen_mirror);
  return Traffic{std::move(*seen_share), std::move(*seen_mirror)};
}

Result<Amounts> Balancer::set_features(const Amounts& asked) const {
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  auto observed = write_map(*connection, kFeatureMap, asked, Toward::hierarchical, by);
  if (!observed) return named(observed.error());
  return observed;
}

// For one key that is there a `set map`: a new version of the whole map would bring back what
// somebody else lowered in other keys before its commit. A raise of more, or of a new one: a new
// version, so that no request sees some routes at their old and some at their new value.
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
  if (one) {
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

}  // namespace hal9::haproxy
