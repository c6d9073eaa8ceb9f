// The door that changes nothing: traffic, features, activity; and the streams.
#include "base/error_words.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/compare.h"
#include "engine/entry.h"
#include "engine/moment.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/subject.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/state.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

constexpr const char* kAll = "all";

void add_differences(TrafficView& view, const Reading& reading, const migration::State& state) {
  const Comparison values = compare(reading, state);
  view.above = !values.above.empty();
  for (const auto* list : {&values.above, &values.other}) {
    view.differences.insert(view.differences.end(), list->begin(), list->end());
  }
  for (const auto& feature : reading.features) {
    const auto known = state.features.find(feature.feature);
    const Share recorded = known == state.features.end() ? Share::none() : known->second.observed;
    if (feature.percentage > recorded) view.features_above.push_back({feature.feature, recorded});
  }
  view.halt_unrecorded = reading.halted && !state.halt && reading.fallen.empty();
  // Behind a halt that is on record, or before anything was raised, they stand as they should.
  const bool raised = std::ranges::any_of(state.routes, [](const auto& entry) {
    return entry.second.share.observed > Share::none() ||
           entry.second.mirror.observed > Share::none();
  });
  if (!state.halt && raised) view.fallen = reading.fallen;
  for (const auto& balancer : view.fallen) {
    view.differences.push_back(
        {"balancer " + balancer, "follows", "restarted: it sends everybody to flat"}
    );
  }
  const bool as_installed = reading.halted && !state.halt && !reading.fallen.empty();
  if (reading.halted != state.halt.has_value() && !as_installed) {
    view.differences.push_back(
        {"kill switch", state.halt ? "on" : "off", reading.halted ? "on" : "off"}
    );
  }
}

// What is wrong whatever is on record.
void add_systems(TrafficView& view, const Reading& reading) {
  view.flat_down = reading.flat_is_down();
  if (view.flat_down) {
    view.differences.push_back({"flat", "takes traffic", "no server is up"});
  }
  std::ranges::copy_if(reading.others, std::back_inserter(view.others), &OtherReading::is_up);
  for (const auto& sentence : reading.disagree) {
    view.differences.push_back({"balancers", "agree", sentence});
  }
}

// Of an event that this version does not understand nobody can say whom it leaves out.
bool is_about_any(
    const ledger::Event& event,
    const std::vector<std::string>& subjects,
    const migration::Configuration& configuration
) {
  const auto fact = migration::decode_fact(event.draft.type, event.draft.data);
  return !fact || std::ranges::any_of(subjects, [&](const std::string& subject) {
    return is_about(*fact, subject, configuration);
  });
}

// The range over the routes, and the mean weighted by requests where the router counts them.
void spread(TrafficView& view) {
  view.hierarchical_low = view.routes.empty() ? Share::none() : Share::all();
  std::uint64_t requests = 0;
  std::uint64_t weighted = 0;
  for (const RouteView& route : view.routes) {
    const Share share = route.reading ? route.reading->share : route.share.observed;
    view.hierarchical_low = std::min(view.hierarchical_low, share);
    view.hierarchical_high = std::max(view.hierarchical_high, share);
    if (!route.reading) continue;
    const auto seen = route.reading->flat_requests + route.reading->hierarchical_requests;
    requests += seen;
    weighted += seen * share.hundredths();
  }
  for (const auto& other : view.others) {
    view.hierarchical_low = std::min(view.hierarchical_low, other.share);
    view.hierarchical_high = std::max(view.hierarchical_high, other.share);
  }
  if (requests > 0) {
    view.hierarchical_weighted =
        Share::of_hundredths(static_cast<std::uint32_t>(weighted / requests));
  }
}

}  // namespace

Result<migration::State> Service::Parts::newest_state() {
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  auto moment = moment_at(**reader, {});
  if (!moment) return pass_on(moment);
  return std::move(moment->state);
}

Result<TrafficView> Service::traffic() {
  TrafficView view;
  view.where = whereabouts();
  auto recorded = parts_->newest_state();
  migration::State state;
  if (recorded) {
    state = std::move(*recorded);
  } else {
    // Where users are sent is what is asked at night, and the router needs no ledger to say it.
    if (!parts_->ports.router->capabilities().moves_traffic) return pass_on(recorded);
    view.ledger_error = recorded.error();
    for (const auto& route : migration::routes_of(configuration())) {
      state.routes[route].configured = true;
    }
  }
  view.phase = state.phase;
  for (const auto& rollback : state.running) view.open.push_back(rollback.plan.id);
  std::optional<Reading> reading;
  auto& router = *parts_->ports.router;
  auto read = view.ledger_error ? router.read() : router.read_beside(state);
  if (read) {
    reading = std::move(*read);
    tell_halts_apart(*reading, state);
    view.observed = parts_->ports.router->capabilities().moves_traffic;
    view.halted = reading->halted;
    view.identity = reading->identity;
    view.old_workers = reading->old_workers;
    view.notes = reading->notes;
  } else {
    view.router_error = with_why(read.error());
  }
  view.routes = route_views(state, reading, parts_->ports.router->capabilities().moves_traffic);
  if (view.observed && reading) add_systems(view, *reading);
  if (view.observed && reading && !view.ledger_error) add_differences(view, *reading, state);
  view.spooled = spooled();
  spread(view);
  return view;
}

bool Service::pause(Micros length) {
  return parts_->ports.environment->wait(length);
}

Time Service::now() const {
  return parts_->ports.environment->now();
}

std::uint64_t Service::spooled() const {
  const auto there = parts_->ports.spool->read();
  return there ? there->commands.size() + there->unreadable.size() : 0;
}

Result<std::vector<FeatureView>> Service::features() {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto moment = moment_at(**reader, {});
  if (!moment) return pass_on(moment);
  auto reading = parts_->ports.router->read_beside(moment->state);
  const bool looked = parts_->ports.router->capabilities().moves_traffic;
  std::vector<FeatureView> views;
  for (const auto& [feature, amount] : moment->state.features) {
    FeatureView view{feature, amount, {}, looked};
    if (reading && looked) {
      const auto found =
          std::ranges::find(reading->features, feature, &migration::FeatureAmount::feature);
      if (found != reading->features.end()) view.reading = found->percentage;
    }
    views.push_back(std::move(view));
  }
  return views;
}

Result<ActivityView> Service::activity(const std::string& system, Micros window) {
  if (system != "flat" && system != "hierarchical") {
    return fail(
        Code::usage,
        "there is no system " + system,
        "known are flat and hierarchical",
        "",
        "hal9-migrate monitor --system hierarchical"
    );
  }
  ActivityView view;
  view.system = system;
  view.window = window;
  auto& router = *parts_->ports.router;
  if (!router.capabilities().moves_traffic) {
    view.why = "the router is ledger-only and sees no requests";
    return view;
  }
  if (!router.capabilities().counts_requests) {
    view.why = "this router does not count requests: " + router.description();
    return view;
  }
  // Mirrored requests are processed by hierarchical too.
  const auto pick = [&](const auto& reading) {
    if (system == "flat") return reading.flat;
    SystemReading sum = reading.hierarchical;
    sum.sessions += reading.mirror.sessions;
    sum.queued += reading.mirror.queued;
    sum.requests += reading.mirror.requests;
    return sum;
  };
  // What came to workers that a reload left behind; one that ended meanwhile serves nobody.
  const auto arrived_at_old = [&](const Reading& before, const Reading& after) {
    std::uint64_t arrived = 0;
    for (const auto& old : after.old_workers) {
      const auto known = std::ranges::find_if(before.old_workers, [&](const auto& one) {
        return one.balancer == old.balancer && one.pid == old.pid;
      });
      if (known == before.old_workers.end()) continue;
      const auto now = pick(old).requests;
      arrived += now - std::min(now, pick(*known).requests);
    }
    return arrived;
  };
  auto before = router.read();
  if (!before) {
    view.why = before.error().what;
    return view;
  }
  if (parts_->ports.environment->wait(window)) {
    view.why = "interrupted before the second look";
    return view;
  }
  auto after = router.read();
  if (!after) {
    view.why = after.error().what;
    return view;
  }
  const SystemReading first = pick(*before);
  const SystemReading second = pick(*after);
  view.sessions = second.sessions;
  view.queued = second.queued;
  if (second.requests < first.requests) {
    view.why = "the router was restarted between the two looks";
    return view;
  }
  view.arrived = second.requests - first.requests + arrived_at_old(*before, *after);
  view.known = true;
  return view;
}

Result<void> Service::timeline(
    const ledger::Filter& filter, const std::function<bool(const TimelineEntry&)>& visit
) {
  ledger::Filter wider = filter;
  const auto many = [](const std::string& subject) { return subject == kAll || subject.empty(); };
  const bool narrow = !filter.subjects.empty() && std::ranges::none_of(filter.subjects, many);
  if (narrow) wider.subjects.emplace_back(kAll);
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto entries = Entries::make(**reader, parts_->ports.open_reader);
  if (!entries) return pass_on(entries);
  return (*reader)->scan(wider, [&](ledger::Sequence sequence, std::string_view line) {
    auto event = ledger::decode(line);
    if (narrow && event && event->draft.subject == kAll &&
        !is_about_any(*event, filter.subjects, configuration())) {
      return true;
    }
    return visit(entries->of(sequence, event));
  });
}

Result<void> Service::lines(const ledger::Filter& filter, const ledger::LineVisitor& visit) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  return (*reader)->scan(filter, visit);
}

}  // namespace hal9::engine
