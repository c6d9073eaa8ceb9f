#include "engine/subject.h"

#include "base/name.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/rollback.h"
#include "migration/route.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace hal9::engine {

namespace {

using namespace migration;

std::string name_of(const Route& route) {
  return to_text(route);
}
std::string name_of(const RouteAmount& amount) {
  return to_text(amount.route);
}
std::string name_of(const RouteLowering& lowering) {
  return to_text(lowering.route);
}
std::string name_of(const Name& feature) {
  return feature.text();
}
std::string name_of(const FeatureAmount& amount) {
  return amount.feature.text();
}

struct About {
  const std::string& subject;
  const Configuration& configuration;

  bool operator()(const TrafficRequested& fact) const { return names(fact.routes); }
  bool operator()(const TrafficApplied& fact) const { return names(fact.routes); }
  bool operator()(const TrafficObserved& fact) const { return names(fact.routes); }
  bool operator()(const TrafficFailed& fact) const { return names(fact.routes); }
  bool operator()(const FeatureRequested& fact) const { return names(fact.features); }
  bool operator()(const FeatureApplied& fact) const { return names(fact.features); }
  bool operator()(const FeatureObserved& fact) const { return names(fact.features); }
  bool operator()(const FeatureFailed& fact) const { return names(fact.features); }
  bool operator()(const RollbackStarted& fact) const { return names(fact.plan.routes); }
  template <class T>
  bool operator()(const T& /*fact*/) const {
    return std::ranges::any_of(routes_of(configuration), [&](const Route& route) {
      return to_text(route) == subject;
    });
  }

  template <class T>
  [[nodiscard]] bool names(const std::vector<T>& list) const {
    return std::ranges::any_of(list, [&](const T& one) { return name_of(one) == subject; });
  }
};

}  // namespace

bool is_about(
    const migration::Fact& fact,
    const std::string& subject,
    const migration::Configuration& configuration
) {
  return std::visit(About{subject, configuration}, fact);
}

}  // namespace hal9::engine
