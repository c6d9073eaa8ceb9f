#include "engine/explain_changes.h"

#include "base/id.h"
#include "base/share.h"
#include "engine/explain.h"
#include "migration/amounts.h"
#include "migration/due_hooks.h"
#include "migration/incident.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

using migration::State;

class Changes {
 public:
  void add(const std::string& place, const char* what, std::string before, std::string after) {
    if (before == after) return;
    found_.push_back({place, what, std::move(before), std::move(after)});
  }
  void add(const std::string& place, const char* what, Share before, Share after) {
    add(place, what, to_text(before) + "%", to_text(after) + "%");
  }
  // `what` is "share " or "mirror ", or nothing.
  void add(
      const std::string& place,
      const std::string& what,
      const migration::Amount& before,
      const migration::Amount& after
  ) {
    add(place, (what + "requested").c_str(), before.requested, after.requested);
    add(place, (what + "applied").c_str(), before.applied, after.applied);
    add(place, (what + "observed").c_str(), before.observed, after.observed);
  }
  std::vector<Change> take() { return std::move(found_); }

 private:
  std::vector<Change> found_;
};

template <class Map, class Key>
auto value_in(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type{} : found->second;
}

std::string open_text(const State& state) {
  std::string text;
  for (const auto& rollback : state.running) {
    text += (text.empty() ? "" : ", ") + to_text(rollback.plan.id);
  }
  return text.empty() ? "none" : text;
}

std::string raise_text(const State& state) {
  if (!state.raise) return "none";
  return to_text(state.raise->plan.id) + " " + migration::to_text(state.raise->status);
}

std::string incidents_text(const State& state) {
  std::string text;
  for (const auto& incident : state.incidents) {
    text += (text.empty() ? "" : ", ") + migration::to_text(incident.id) + " " +
            migration::to_text(incident.severity);
  }
  return text.empty() ? "none" : text;
}

}  // namespace

std::vector<Change> changes_between(const State& before, const State& after) {
  Changes changes;
  changes.add("phase", "", to_text(before.phase), to_text(after.phase));
  changes.add("halt", "", before.halt ? "on" : "off", after.halt ? "on" : "off");
  changes.add("rollbacks", "open", open_text(before), open_text(after));
  changes.add("move forward", "open", raise_text(before), raise_text(after));
  changes.add("incidents", "open", incidents_text(before), incidents_text(after));
  const auto due = [](const State& state) {
    return std::to_string(std::ranges::count_if(state.hooks_due, [&](const auto& one) {
      return !migration::entered_again(state, one);
    }));
  };
  changes.add("hooks", "due", due(before), due(after));
  for (const auto& [route, now] : after.routes) {
    const migration::RouteState then = value_in(before.routes, route);
    const std::string place = to_text(route);
    changes.add(place, "share ", then.share, now.share);
    changes.add(place, "mirror ", then.mirror, now.mirror);
    changes.add(place, "held", then.held ? "yes" : "no", now.held ? "yes" : "no");
    const auto halted = [&of = route](const State& state) {
      return state.halted_routes.contains(of) ? "on" : "off";
    };
    changes.add(place, "halt", halted(before), halted(after));
    changes.add(place, "configured", then.configured ? "yes" : "no", now.configured ? "yes" : "no");
  }
  for (const auto& [feature, now] : after.features) {
    changes.add(feature.text(), "", value_in(before.features, feature), now);
  }
  changes.add("executor", "", std::to_string(before.fence), std::to_string(after.fence));
  changes.add(
      "events that made no sense",
      "",
      std::to_string(before.anomaly_count),
      std::to_string(after.anomaly_count)
  );
  return changes.take();
}

}  // namespace hal9::engine
