#include "adapters/haproxy/live_check.h"

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/place.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {

namespace {

constexpr std::string_view kMaps[] = {kShareMap, kMirrorMap, kKillMap, kFeatureMap};

std::vector<std::string> keys_of(
    const migration::Configuration& configuration, std::string_view map
) {
  std::vector<std::string> keys;
  if (map == kFeatureMap) {
    for (const auto& feature : configuration.features) keys.push_back(feature.text());
    return keys;
  }
  for (const auto& route : migration::routes_of(configuration)) keys.push_back(to_text(route));
  return keys;
}

Result<std::vector<std::string>> ask(
    const migration::Balancer& balancer, const std::vector<std::string>& questions
) {
  const auto by = Deadline::in(Balancer::kReadLimit);
  auto place = place_of(balancer);
  if (!place) return pass_on(place);
  auto connection = Connection::open(*place, by, Connection::kPatientLimit);
  if (!connection) return pass_on(connection);
  return connection->ask(questions, by);
}

// What it has of a map, against the routes and features of the configuration.
void look_at_map(
    const std::string& who,
    const std::string& path,
    std::string_view map,
    const std::string& answer,
    const migration::Configuration& configuration,
    LiveCheck& check
) {
  if (is_unknown(answer)) {
    check.refusals.push_back(fmt::format("{} has no map {}", who, path));
    return;
  }
  const auto entries = parse_map(answer);
  if (!entries) {
    check.warnings.push_back(fmt::format("{}: {}", who, sentence(entries.error())));
    return;
  }
  const auto values = values_of(*entries, map);
  if (map == kKillMap && !values.find(kAllRoutes)) {
    check.refusals.push_back(fmt::format(
        "{} has no key `{}` in {}: an emergency could not set its kill switch",
        who,
        kAllRoutes,
        path
    ));
  }
  std::size_t missing = 0;
  std::string first;
  for (const auto& key : keys_of(configuration, map)) {
    if (values.find(key) || missing++ > 0) continue;
    first = key;
  }
  if (missing == 0) return;
  check.warnings.push_back(fmt::format(
      "{} has no key {}{} in {}: {}",
      who,
      first,
      missing == 1 ? "" : fmt::format(", nor {} more,", missing - 1),
      path,
      map == kKillMap ? "an emergency of such a route alone has none to set"
                      : "what is not there counts as 0"
  ));
}

void look_at(
    const migration::Configuration& configuration,
    const migration::Balancer& balancer,
    LiveCheck& check
) {
  const auto& settings = configuration.haproxy;
  const auto folder = maps_of(settings, balancer);
  const std::vector<std::string> backends{
      settings.flat_backend, settings.hierarchical_backend, settings.mirror_backend
  };
  std::vector<std::string> questions;
  for (const auto map : kMaps) questions.push_back(show_map(map_path(folder, map)));
  for (const auto& backend : backends) questions.push_back(show_servers(backend));
  const auto who = fmt::format("balancer {} ({})", balancer.name.text(), place_text(balancer));
  const auto answers = ask(balancer, questions);
  if (!answers) {
    check.warnings.push_back(fmt::format(
        "{} does not answer now, so that whether a cut would work there is not known: {}",
        who,
        sentence(answers.error())
    ));
    return;
  }
  std::size_t at = 0;
  for (const auto map : kMaps) {
    look_at_map(who, map_path(folder, map), map, (*answers)[at++], configuration, check);
  }
  for (const auto& backend : backends) {
    if (!is_unknown((*answers)[at++])) continue;
    check.refusals.push_back(fmt::format("{} has no backend {}", who, backend));
  }
}

}  // namespace

LiveCheck check_live(const migration::Configuration& configuration) {
  LiveCheck check;
  if (const auto safe = check_settings(configuration.haproxy); !safe) {
    check.refusals.push_back(sentence(safe.error()));
    return check;
  }
  for (const auto& balancer : configuration.haproxy.balancers) {
    look_at(configuration, balancer, check);
  }
  return check;
}

}  // namespace hal9::haproxy
