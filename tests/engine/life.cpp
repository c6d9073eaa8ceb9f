#include "engine/life.h"

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/stage.h"
#include "engine/views.h"
#include "engine/work.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/evolve.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <rapidcheck.h>

namespace hal9::engine {

namespace {

using migration::Route;
using std::chrono::milliseconds;
using std::chrono::seconds;

// What a calm executor may be late by: the look of another one, its takeover, and slow calls.
constexpr Micros kLate = milliseconds{1500};

Route route_of(std::size_t number) {
  return route("r" + std::to_string(number), "cart");
}

// What somebody asked for, and whether it is known to be in force.
struct Wish {
  std::vector<Route> routes;
  Share target;
  Micros over{};
};

class Rules {
 public:
  Rules(Stage& stage, const Life& life) : stage_(stage), life_(life) {
    state_ = stage.world.state();
    for (const auto& [route, values] : stage.world.maps->routes) {
      low_[route] = high_[route] = values.first;
    }
    fence_ = state_.fence;
  }

  // From here on it may come into force; it is known to be by the events of `who`.
  void wished(const std::string& who, Wish wish) {
    lower(low_, wish);
    wishes_[who] = std::move(wish);
  }
  void fell(Share to) {  // everything, by something else
    for (auto& [route, share] : low_) share = std::min(share, to);
  }

  void on_events(const Process& process, const std::vector<ledger::Event>& events);
  void on_time();
  void on_end(const Process& process);
  void at_rest();

  std::vector<std::string>* log = nullptr;

 private:
  static void lower(std::map<Route, Share>& shares, const Wish& wish) {
    for (const auto& route : wish.routes) {
      shares[route] = std::min(shares[route], wish.target);
    }
  }
  void on_started(const ledger::Event& event, const migration::RollbackPlan& plan);
  void on_asked(const ledger::Event& event, const migration::RollbackAsked& fact);
  void on_completed(const ledger::Event& event, const migration::RollbackPlan& plan);
  void on_fence(const migration::Fact& fact);
  void granted(const std::string& who);

  Stage& stage_;
  const Life& life_;
  migration::State state_;  // what the ledger holds
  std::map<std::string, Wish> wishes_;
  std::map<Route, Share> low_;  // at least, and at most, where it may end
  std::map<Route, Share> high_;
  std::map<RollbackId, Micros> begun_;  // by this stage's time
  std::uint64_t fence_ = 0;
};

// ---- what an event may be ---------------------------------------------------------------------------

void Rules::on_fence(const migration::Fact& fact) {
  std::uint64_t fence = state_.fence;
  if (const auto* taken = std::get_if<migration::ExecutorTaken>(&fact)) {
    if (taken->fence <= fence_) stage_.wrong("a fence that does not grow");
    fence_ = taken->fence;
    return;
  }
  if (const auto* applied = std::get_if<migration::TrafficApplied>(&fact)) fence = applied->fence;
  if (const auto* seen = std::get_if<migration::TrafficObserved>(&fact)) fence = seen->fence;
  if (fence != state_.fence) stage_.wrong("a report with another fence than the newest");
}

void Rules::granted(const std::string& who) {
  const auto wish = wishes_.find(who);
  if (wish != wishes_.end()) lower(high_, wish->second);
}

// The lowest target and the earliest end of those that run and of what is asked for.
void Rules::on_started(const ledger::Event& event, const migration::RollbackPlan& plan) {
  begun_[plan.id] = stage_.now;
  granted(event.draft.author.auth_id);
  for (const auto& lowering : plan.routes) {
    const auto& now = state_.routes.at(lowering.route);
    if (lowering.share_to > now.share.requested) stage_.wrong("a plan that raises what is wanted");
    for (const auto& other : state_.running) {
      const auto* before = migration::lowering_in(other.plan, lowering.route);
      if (before == nullptr) continue;
      if (lowering.share_to > before->share_to) stage_.wrong("a plan to more than a running one's");
      const Time end = std::max(migration::end_of(other.plan, *before), plan.started);
      if (migration::end_of(plan, lowering) > end) stage_.wrong("a plan that ends later");
    }
  }
}

void Rules::on_asked(const ledger::Event& event, const migration::RollbackAsked& fact) {
  granted(event.draft.author.auth_id);
  const auto wish = wishes_.find(event.draft.author.auth_id);
  if (!fact.joined || wish == wishes_.end()) return;
  for (const auto& route : wish->second.routes) {
    const auto& now = state_.routes.at(route);
    const auto top = std::max({now.share.requested, now.share.applied, now.share.observed});
    if (top <= wish->second.target) continue;
    const bool led = std::ranges::any_of(state_.running, [&](const migration::Rollback& other) {
      const auto* lowering = migration::lowering_in(other.plan, route);
      return other.plan.id == *fact.joined && lowering != nullptr &&
             lowering->share_to <= wish->second.target &&
             migration::end_of(other.plan, *lowering) <= event.draft.time + wish->second.over;
    });
    if (!led) stage_.wrong("joined one that leads " + to_text(route) + " not as low or as soon");
  }
}

void Rules::on_completed(const ledger::Event& event, const migration::RollbackPlan& plan) {
  // What was done without the ledger was read back then.
  if (event.draft.author.via == "spool") return;
  for (const auto& lowering : plan.routes) {
    const auto& now = state_.routes.at(lowering.route);
    if (now.share.observed > lowering.share_to) stage_.wrong("completed above its target");
    const auto read = stage_.read_at.find(lowering.route);
    const bool since = read != stage_.read_at.end() && read->second >= begun_[plan.id];
    const bool cut = plan.kind == migration::RollbackKind::emergency;
    if (!since && !cut) {
      stage_.wrong("completed, and " + to_text(lowering.route) + " was not read back");
    }
  }
}

void Rules::on_events(const Process& process, const std::vector<ledger::Event>& events) {
  for (const auto& event : events) {
    const auto fact = migration::decode_fact(event.draft.type, event.draft.data);
    if (log != nullptr) {
      log->push_back(fmt::format(
          "{:9.3f} {} {} {} {}",
          static_cast<double>(stage_.now.count()) / 1e6,
          process.who,
          event.sequence.value,
          event.draft.type,
          event.draft.data
      ));
    }
    if (!fact) {
      stage_.wrong("an event that cannot be read");
      continue;
    }
    on_fence(*fact);
    if (const auto* started = std::get_if<migration::RollbackStarted>(&*fact)) {
      on_started(event, started->plan);
    } else if (const auto* asked = std::get_if<migration::RollbackAsked>(&*fact)) {
      on_asked(event, *asked);
    } else if (const auto* completed = std::get_if<migration::RollbackCompleted>(&*fact)) {
      const auto found = std::ranges::find_if(state_.running, [&](const auto& one) {
        return one.plan.id == completed->rollback;
      });
      if (found == state_.running.end()) {
        stage_.wrong("completed twice, or never begun");
      } else {
        on_completed(event, found->plan);
      }
    }
    migration::evolve(state_, event);
  }
  if (state_.anomaly_count > 0) stage_.wrong("an anomaly: " + state_.anomalies.back().what);
}

// ---- where the ramp is ------------------------------------------------------------------------------

// A calm executor keeps every route at or below the line, but for one step and what it is late by.
void Rules::on_time() {
  if (!life_.calm || stage_.world.maps->kill) return;
  for (const auto& rollback : state_.running) {
    const auto& plan = rollback.plan;
    const auto begun = begun_.find(plan.id);
    if (begun == begun_.end()) continue;
    const Micros gone =
        std::max(stage_.now - begun->second, stage_.world.clocks->wall - plan.started);
    const Micros step = migration::step_length(plan, std::max(Micros{0}, gone - kLate));
    const Micros due = gone - step - kLate;
    if (due < Micros{0}) continue;
    for (const auto& amount : migration::amounts_at(plan, due)) {
      const auto edited = stage_.edited_at.find(amount.route);
      if (edited != stage_.edited_at.end() && stage_.now - edited->second < step + kLate) continue;
      const Share held = stage_.in_router(amount.route).share;
      if (held <= *amount.share) continue;
      stage_.wrong(fmt::format(
          "{} holds {}%, and the line was at {}% {} ms ago",
          to_text(amount.route),
          to_text(held),
          to_text(*amount.share),
          (step + kLate).count() / 1000
      ));
    }
  }
}

// ---- what a process says ----------------------------------------------------------------------------

// Exit 0 says that it was observed; in a calm life nothing else is said.
void Rules::on_end(const Process& process) {
  if (process.killed || !process.outcome) return;
  const auto& outcome = *process.outcome;
  if (log != nullptr) {
    log->push_back(fmt::format(
        "{:9.3f} {} ends: {}",
        static_cast<double>(stage_.now.count()) / 1e6,
        process.who,
        outcome ? outcome->headline + (outcome->code ? " (code)" : "") : outcome.error().what
    ));
  }
  const bool says_done = outcome && !outcome->code;
  const auto wish = wishes_.find(process.who);
  if (!outcome && wish != wishes_.end()) {
    stage_.wrong(process.who + " was refused: " + outcome.error().what);
  }
  if (life_.calm && outcome && outcome->code) {
    stage_.wrong(process.who + " is not done: " + outcome->headline + " " + outcome->detail);
  }
  if (outcome && outcome->code == Code::spooled) granted(process.who);
  if (!says_done || wish == wishes_.end() || stage_.world.maps->kill) return;
  for (const auto& route : wish->second.routes) {
    // By a hand that came after it had looked.
    if (stage_.edited_at.contains(route)) continue;
    const Share held = stage_.in_router(route).share;
    if (held > wish->second.target) {
      stage_.wrong(
          fmt::format("{} says done, and {} holds {}%", process.who, to_text(route), to_text(held))
      );
    }
  }
}

void Rules::at_rest() {
  const auto state = stage_.world.state();
  if (!state.running.empty()) stage_.wrong("a rollback is still open at the end");
  const auto left = next_work(state, [](const auto&) { return Micros{0}; }, MayRaise::nothing);
  if (left.kind != WorkKind::none) stage_.wrong("something is left to do at the end");
  if (!stage_.world.spooled->commands.empty()) stage_.wrong("the spool is not empty at the end");
  if (!(state == state_)) stage_.wrong("the fold of the events is another state");
  for (const auto& [route, now] : state.routes) {
    if (!now.configured) continue;
    const Share held = stage_.in_router(route).share;
    if (held > now.share.observed) stage_.wrong(to_text(route) + " holds more than is recorded");
    // What an emergency that nobody recorded has cut may come back as far as the record goes.
    const Share after_restart = stage_.files_kill ? Share::none() : stage_.files[route].share;
    if (after_restart > std::max(held, now.share.observed)) {
      stage_.wrong("a restart would raise " + to_text(route));
    }
    if (held < low_[route] || held > high_[route]) {
      stage_.wrong(fmt::format(
          "{} ends at {}%, not within {}-{}%",
          to_text(route),
          to_text(held),
          to_text(low_[route]),
          to_text(high_[route])
      ));
    }
  }
}

// ---- a life -----------------------------------------------------------------------------------------

Wish wish_of(const Act& act, std::size_t routes) {
  Wish wish;
  for (std::size_t i = 0; i < routes; ++i) {
    const bool all = act.routes.empty() || act.does == Does::emergency;
    if (all || std::ranges::find(act.routes, i) != act.routes.end()) {
      wish.routes.push_back(route_of(i));
    }
  }
  if (act.does == Does::rollback) {
    wish.target = percent(act.percent);
    wish.over = milliseconds{act.over_ms};
  }
  return wish;
}

Process::Work work_of(const Act& act, const Wish& wish) {
  if (act.does == Does::resume) {
    return [](Service& service, const Asker& asker, Progress& progress) {
      return service.resume(asker, progress);
    };
  }
  if (act.does == Does::emergency) {
    return [](Service& service, const Asker& asker, Progress& progress) -> Result<Outcome> {
      return service.emergency([&] { return asker; }, {true, false}, progress);
    };
  }
  migration::RollBack request;
  if (!act.routes.empty()) request.routes = wish.routes;
  if (act.percent > 0) request.percentage = wish.target;
  if (act.over_ms > 0) request.gradual = wish.over;
  return [request](Service& service, const Asker& asker, Progress& progress) {
    return service.roll_back(asker, request, progress);
  };
}

void befall(Stage& stage, Rules& rules, const Blow& blow, std::size_t routes) {
  const Micros at = milliseconds{blow.at_ms};
  const Micros until = at + milliseconds{blow.value * 100};
  switch (blow.what) {
    case Befalls::edit:
      stage.happen(at, [&stage, &blow, routes] {
        stage.edit(route_of(blow.which % routes), percent(blow.value));
      });
      return;
    case Befalls::restart:
      stage.happen(at, [&stage, &rules, &blow] {
        stage.restart(blow.which % 2 == 0);
        if (blow.which % 2 == 1) rules.fell(Share::none());
      });
      return;
    case Befalls::lost: {
      const Code code = blow.which % 2 == 0 ? Code::locked : Code::full;
      stage.happen(at, [&stage, code] { stage.lose_ledger({code, "it is gone", "", "", ""}); });
      stage.happen(until, [&stage] { stage.find_ledger(); });
      return;
    }
    case Befalls::unreachable:
      stage.happen(at, [&stage] { stage.world.maps->reachable = false; });
      stage.happen(until, [&stage] { stage.world.maps->reachable = true; });
      return;
    case Befalls::clock:
      stage.happen(at, [&stage, &blow] {
        stage.step_clock(seconds{blow.value} * (blow.which % 2 == 0 ? 1 : -1));
      });
      return;
  }
}

// Whatever was left is done by one who resumes, and what a hand has raised since is put down by the next
// who asks.
void bring_to_rest(Stage& stage) {
  stage.find_ledger();
  stage.world.maps->reachable = true;
  stage.happen(stage.now, [&stage] {
    auto& resumes =
        stage.start(stage.now, "os:resumes", [](auto& service, auto& asker, auto& progress) {
          return service.resume(asker, progress);
        });
    resumes.stops = false;
  });
  stage.run();
  stage.start(stage.now, "os:looks", [](Service& service, const Asker& asker, Progress& progress) {
    migration::RollBack nothing;
    nothing.percentage = Share::all();
    return service.roll_back(asker, nothing, progress);
  });
  stage.run();
}

}  // namespace

std::string live(const Life& life, std::vector<std::string>* log) {
  std::map<Route, Share> shares;
  for (std::size_t i = 0; i < life.shares.size(); ++i) {
    shares[route_of(i)] = percent(life.shares[i]);
  }
  Stage stage(life.seed, shares);
  Rules rules(stage, life);
  rules.log = log;
  stage.on_events = [&](Process& process, const auto& events) { rules.on_events(process, events); };
  stage.on_time = [&] { rules.on_time(); };
  stage.on_end = [&](Process& process) { rules.on_end(process); };
  for (std::size_t i = 0; i < life.acts.size(); ++i) {
    const Act& act = life.acts[i];
    const Wish wish = wish_of(act, shares.size());
    const std::string who = fmt::format("os:p{}", i + 1);
    auto& process = stage.start(milliseconds{act.at_ms}, who, work_of(act, wish));
    process.dies_at = act.dies_at;
    process.stops = !life.calm;
    if (act.does != Does::resume) rules.wished(who, wish);
  }
  for (const Blow& blow : life.blows) befall(stage, rules, blow, shares.size());
  stage.run();
  if (stage.problem.empty()) bring_to_rest(stage);
  if (stage.problem.empty()) rules.at_rest();
  return stage.problem;
}

}  // namespace hal9::engine
