// The door that changes nothing: status, traffic, features, activity; and the streams.
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/share.h"
#include "engine/describe.h"
#include "engine/fold.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

struct Moment {
  ledger::Head head;
  migration::State state;
  bool as_of = false;
};

Result<Moment> moment_at(ledger::Reader& reader, const AsOf& as_of) {
  Moment moment;
  auto head = reader.head();
  if (!head) return pass_on(head);
  moment.head = std::move(*head);
  ledger::Sequence at = moment.head.sequence;
  if (as_of.sequence) {
    if (*as_of.sequence > at) {
      return fail(
          Code::usage,
          fmt::format("there is no event {}", as_of.sequence->value),
          fmt::format("the ledger ends at {}", at.value),
          "",
          "hal9-migrate timeline"
      );
    }
    at = *as_of.sequence;
    moment.as_of = true;
  } else if (as_of.recorded) {
    auto found = reader.sequence_at(*as_of.recorded);
    if (!found) return pass_on(found);
    at = *found;
    moment.as_of = true;
  }
  auto state = state_at(reader, at);
  if (!state) return pass_on(state);
  moment.state = std::move(*state);
  return moment;
}

const RouteReading* reading_of(
    const std::optional<Reading>& reading, const migration::Route& route
) {
  if (!reading) return nullptr;
  const auto found = std::ranges::find(reading->routes, route, &RouteReading::route);
  return found == reading->routes.end() ? nullptr : &*found;
}

std::vector<RouteView> route_views(
    const migration::State& state, const std::optional<Reading>& reading
) {
  std::vector<RouteView> views;
  for (const auto& [route, amounts] : state.routes) {
    RouteView view{route, amounts.share, amounts.mirror, amounts.held, {}};
    if (const auto* read = reading_of(reading, route)) view.reading = *read;
    views.push_back(std::move(view));
  }
  return views;
}

RollbackView running_view(
    const migration::Rollback& rollback, const migration::State& state, Time now
) {
  RollbackView view;
  view.rollback = rollback;
  for (const auto& lowering : rollback.plan.routes) {
    const auto route = state.routes.find(lowering.route);
    if (route == state.routes.end()) continue;
    view.observed.push_back(
        {lowering.route, route->second.share.observed, route->second.mirror.observed}
    );
  }
  if (rollback.plan.ends > rollback.plan.started) {
    view.remaining = std::max(Micros{0}, Micros{rollback.plan.ends - now});
  }
  return view;
}

std::string percent(Share share) {
  return to_text(share) + "%";
}

void compare_routes(TrafficView& view, const Reading& reading, const migration::State& state) {
  for (const auto& route : reading.routes) {
    const auto known = state.routes.find(route.route);
    const migration::RouteState recorded =
        known == state.routes.end() ? migration::RouteState{} : known->second;
    const std::string place = to_text(route.route);
    view.above = view.above || route.share > recorded.share.observed ||
                 route.mirror > recorded.mirror.observed;
    if (route.share != recorded.share.observed) {
      view.differences.push_back(
          {place + " share", percent(recorded.share.observed), percent(route.share)}
      );
    }
    if (route.mirror != recorded.mirror.observed) {
      view.differences.push_back(
          {place + " mirror", percent(recorded.mirror.observed), percent(route.mirror)}
      );
    }
  }
  for (const auto& feature : reading.features) {
    const auto known = state.features.find(feature.feature);
    const Share recorded = known == state.features.end() ? Share::none() : known->second.observed;
    if (recorded != feature.percentage) {
      view.differences.push_back(
          {"feature " + feature.feature.text(), percent(recorded), percent(feature.percentage)}
      );
    }
  }
}

void compare(TrafficView& view, const Reading& reading, const migration::State& state) {
  compare_routes(view, reading, state);
  if (reading.halted != state.halt.has_value()) {
    view.differences.push_back(
        {"kill switch", state.halt ? "on" : "off", reading.halted ? "on" : "off"}
    );
  }
  view.flat_down = reading.flat.servers_up == 0;
  if (view.flat_down) {
    view.differences.push_back({"flat", "takes traffic", "no server is up"});
  }
  std::ranges::copy_if(reading.others, std::back_inserter(view.others), &OtherReading::is_up);
  for (const auto& sentence : reading.disagree) {
    view.differences.push_back({"balancers", "agree", sentence});
  }
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
  if (requests > 0) {
    view.hierarchical_weighted =
        Share::of_hundredths(static_cast<std::uint32_t>(weighted / requests));
  }
}

}  // namespace

Result<StatusView> Service::status(const AsOf& as_of) {
  auto& ports = parts_->ports;
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  auto moment = moment_at(**reader, as_of);
  if (!moment) return pass_on(moment);
  StatusView view;
  view.where = whereabouts();
  view.as_of = moment->as_of;
  view.state = std::move(moment->state);
  view.sequence = view.state.sequence;
  view.recorded = view.state.time;
  view.state_digest = migration::state_digest(view.state);
  view.phase = migration::phase_text(view.state);
  view.sqlite_version = ports.sqlite_version;
  view.last_rollback.reset();
  if (!view.as_of) {
    view.root = to_hex(moment->head.root);
    auto reading = ports.router->read();
    if (reading) {
      view.reading = std::move(*reading);
    } else {
      view.router_error = reading.error().what;
    }
    auto spooled = ports.spool->read();
    if (spooled) {
      view.spooled = spooled->commands.size() + spooled->unreadable.size();
      view.spool_error = spooled->unread;
    } else {
      view.spool_error = spooled.error().what + ": " + spooled.error().why;
    }
  }
  view.routes = route_views(view.state, view.reading);
  const Time now = view.as_of ? view.recorded : ports.environment->now();
  for (const auto& rollback : view.state.running) {
    view.running.push_back(running_view(rollback, view.state, now));
  }
  if (!view.running.empty() && !view.as_of) {
    auto turn = ports.executor_lock->acquire(std::chrono::milliseconds{0});
    view.executed = !turn && turn.error().code == Code::locked;
  }
  if (view.state.last_rollback) {
    view.last_rollback = RollbackView{*view.state.last_rollback, {}, {}, {}, {}};
  }
  return view;
}

Result<TrafficView> Service::traffic() {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto moment = moment_at(**reader, {});
  if (!moment) return pass_on(moment);
  TrafficView view;
  view.where = whereabouts();
  std::optional<Reading> reading;
  auto read = parts_->ports.router->read();
  if (read) {
    reading = std::move(*read);
    view.observed = parts_->ports.router->capabilities().moves_traffic;
    view.halted = reading->halted;
  } else {
    view.router_error = read.error().what;
  }
  view.routes = route_views(moment->state, reading);
  if (view.observed) compare(view, *reading, moment->state);
  auto spooled = parts_->ports.spool->read();
  if (spooled) view.spooled = spooled->commands.size() + spooled->unreadable.size();
  spread(view);
  return view;
}

Result<std::vector<FeatureView>> Service::features() {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto moment = moment_at(**reader, {});
  if (!moment) return pass_on(moment);
  auto reading = parts_->ports.router->read();
  std::vector<FeatureView> views;
  for (const auto& [feature, amount] : moment->state.features) {
    FeatureView view{feature, amount, {}};
    if (reading) {
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
  // Mirrored requests are processed by hierarchical too.
  const auto pick = [&](const Reading& reading) {
    if (system == "flat") return reading.flat;
    SystemReading sum = reading.hierarchical;
    sum.sessions += reading.mirror.sessions;
    sum.queued += reading.mirror.queued;
    sum.requests += reading.mirror.requests;
    return sum;
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
  view.arrived = second.requests - first.requests;
  view.known = true;
  return view;
}

Result<void> Service::timeline(
    const ledger::Filter& filter, const std::function<bool(const TimelineEntry&)>& visit
) {
  return lines(filter, [&](ledger::Sequence sequence, std::string_view line) {
    auto event = ledger::decode(line);
    TimelineEntry entry;
    entry.sequence = sequence;
    if (event) {
      entry.time = event->draft.time;
      entry.recorded = event->recorded;
      entry.type = event->draft.type;
      entry.subject = event->draft.subject;
      entry.actor = event->draft.author.auth_id;
      entry.auth = event->draft.author.auth_type;
      entry.via = event->draft.author.via;
      entry.reason = event->draft.reason;
      entry.correlation = to_text(event->draft.correlation);
      entry.text = describe(*event);
    } else {
      entry.text = "THIS LINE IS DAMAGED: " + event.error().what;
    }
    return visit(entry);
  });
}

Result<void> Service::lines(const ledger::Filter& filter, const ledger::LineVisitor& visit) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  return (*reader)->scan(filter, visit);
}

}  // namespace hal9::engine
