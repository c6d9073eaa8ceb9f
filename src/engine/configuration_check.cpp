// hal9.yaml against the configuration that the ledger accepted last.
#include "base/name.h"
#include "base/result.h"
#include "engine/accepted.h"
#include "engine/moment.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::engine {

namespace {

using migration::Configuration;

constexpr std::size_t kNamed = 3;

std::vector<std::string> names_of_routes(const Configuration& configuration) {
  std::vector<std::string> names;
  for (const auto& route : migration::routes_of(configuration)) names.push_back(to_text(route));
  return names;
}

std::vector<std::string> names_of_features(const Configuration& configuration) {
  std::vector<std::string> names;
  names.reserve(configuration.features.size());
  for (const Name& feature : configuration.features) names.push_back(feature.text());
  return names;
}

// "a, b, c and 12 more" of what is in `one` and not in `other`; empty: nothing.
std::string missing_from(
    const std::vector<std::string>& other, const std::vector<std::string>& one
) {
  std::vector<std::string> missing;
  std::ranges::copy_if(one, std::back_inserter(missing), [&](const std::string& name) {
    return std::ranges::find(other, name) == other.end();
  });
  if (missing.size() <= kNamed) return fmt::format("{}", fmt::join(missing, ", "));
  const std::size_t more = missing.size() - kNamed;
  missing.resize(kNamed);
  return fmt::format("{} and {} more", fmt::join(missing, ", "), more);
}

void compare_names(
    std::vector<std::string>& differences,
    std::string_view what,
    const std::vector<std::string>& accepted,
    const std::vector<std::string>& now
) {
  const std::string added = missing_from(accepted, now);
  const std::string gone = missing_from(now, accepted);
  if (!added.empty()) differences.push_back(fmt::format("{} added: {}", what, added));
  if (!gone.empty()) differences.push_back(fmt::format("{} gone: {}", what, gone));
}

std::vector<std::string> differences_of(const Configuration& accepted, const Configuration& now) {
  std::vector<std::string> differences;
  if (accepted.router != now.router) {
    differences.push_back(
        fmt::format("router: accepted {}, now {}", to_text(accepted.router), to_text(now.router))
    );
  }
  compare_names(differences, "routes", names_of_routes(accepted), names_of_routes(now));
  compare_names(differences, "features", names_of_features(accepted), names_of_features(now));
  if (accepted.haproxy != now.haproxy) {
    differences.emplace_back("settings of haproxy differ (balancers, files, backends)");
  }
  if (accepted.weights != now.weights) {
    differences.emplace_back("the pools of weights differ (backends, routes, servers, state file)");
  }
  if (accepted.exec != now.exec || accepted.http != now.http) {
    differences.emplace_back("what the router's program or its interface is asked differs");
  }
  if (accepted.strict_gates != now.strict_gates) differences.emplace_back("gates differ");
  if (accepted.session_grace != now.session_grace) {
    differences.emplace_back("the grace for sessions differs");
  }
  if (accepted.hooks != now.hooks) differences.emplace_back("hooks differ");
  if (accepted.incidents_by != now.incidents_by) {
    differences.emplace_back("what opens an incident differs");
  }
  if (accepted.seal_witnesses != now.seal_witnesses ||
      accepted.seal_commands != now.seal_commands) {
    differences.emplace_back("the witnesses of seals differ");
  }
  if (accepted.seal_every != now.seal_every || accepted.seal_within != now.seal_within) {
    differences.emplace_back("when seals are due differs");
  }
  return differences;
}

}  // namespace

Result<AcceptedView> Service::accepted() {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto moment = moment_at(**reader, {});
  if (!moment) return pass_on(moment);
  AcceptedView view;
  for (const auto& [route, amounts] : moment->state.routes) {
    view.recorded.push_back({route, amounts.share.observed, amounts.mirror.observed});
  }
  view.halted = moment->state.halt.has_value();
  view.accepted = moment->state.configuration.has_value();
  if (!view.accepted || moment->state.configuration == migration::digest_of(configuration())) {
    return view;
  }
  auto accepted = accepted_configuration(**reader, moment->state);
  if (!accepted) return pass_on(accepted);
  if (const auto& known = *accepted) {
    view.differences = differences_of(*known, configuration());
  }
  // The order of routes, the ledger's path: nothing that routes or moves traffic.
  if (view.differences.empty()) view.differences.emplace_back("other settings differ");
  return view;
}

}  // namespace hal9::engine
