#include "engine/stage.h"

#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/objects_in_memory.h"
#include "engine/seals_in_memory.h"
#include "engine/service.h"
#include "engine/stage_ports.h"
#include "engine/world.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/actor.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// More than any life needs: one that comes here does not end.
constexpr std::uint64_t kMostCalls = 400'000;
constexpr Micros kNever = Micros::max();

migration::RollBack lowering(const migration::Route& route, Share share) {
  migration::RollBack request;
  request.routes = std::vector<migration::Route>{route};
  request.percentage = share;
  return request;
}

}  // namespace

Stage::Stage(std::uint64_t seed, const std::map<migration::Route, Share>& shares) : dice_(seed) {
  world.configuration.regions.clear();
  for (const auto& [route, share] : shares) {
    world.configuration.regions.push_back(route.region);
    world.maps->routes[route] = {};
  }
  world.at_canary(80);
  Watcher watcher;
  for (const auto& [route, share] : shares) {
    auto lowered = world.process()->roll_back(world.asker, lowering(route, share), watcher);
    if (!lowered) throw std::runtime_error(lowered.error().what);
  }
  for (const auto& [route, share] : shares) files[route] = in_router(route);
  seen_ = world.state().sequence;
}

Process& Stage::start(Micros at, std::string who, Process::Work work) {
  auto& process = *processes_.emplace_back(std::make_unique<Process>());
  process.who = std::move(who);
  process.work = std::move(work);
  process.ready_ = at;
  return process;
}

void Stage::happen(Micros at, std::function<void()> what) {
  happens_.emplace(at, std::move(what));
}

// ---- whose turn it is ------------------------------------------------------------------------------

void Stage::advance(Micros to) {
  if (to <= now) return;
  const Micros by = to - now;
  now = to;
  world.clocks->wall += by;
  world.clocks->steady += by;
  if (on_time) on_time();
}

Micros Stage::next_due(const Process* except) const {
  Micros due = happens_.empty() ? kNever : happens_.begin()->first;
  for (const auto& process : processes_) {
    if (process.get() != except && !process->ended) due = std::min(due, process->ready_);
  }
  return due;
}

void Stage::pass(Process& process, Takes takes) {
  constexpr std::uint64_t kBrief = 300;
  if (takes == Takes::brief) return pass(process, microseconds(50 + dice(kBrief)));
  const auto luck = dice(1000);
  std::uint64_t cost = 50 + dice(2'000);
  if (luck < 40) cost = dice(150'000);
  if (luck < 6 && process.stops) cost = dice(5'000'000);
  pass(process, microseconds(cost));
}

void Stage::pass(Process& process, Micros cost) {
  ++busy;
  if (busy == kMostCalls) wrong("a life does not end");
  if (++process.calls == process.dies_at || busy >= kMostCalls) throw Killed{};
  process.ready_ = now + cost;
  if (process.calls == process.stops_at) {
    process.ready_ += process.stops_for;
    if (on_stop) on_stop();
  }
  if (process.ready_ < next_due(&process)) return advance(process.ready_);
  back_.release();
  process.goes_.acquire();
}

void Stage::live(Process& process) {
  process.goes_.acquire();
  try {
    const auto service = service_of(process);
    Watcher watcher;
    const Asker asker{
        {migration::AuthType::user, process.who, migration::Role::operator_, migration::Via::cli},
        ""
    };
    process.outcome = process.work(*service, asker, watcher);
  } catch (const Killed&) {
    process.killed = true;
  } catch (const std::exception& error) {
    wrong(fmt::format("{} threw {}", process.who, error.what()));
  }
  process.ended = true;
  if (on_end) on_end(process);
  back_.release();
}

void Stage::go(Process& process) {
  if (!process.thread_.joinable())
    process.thread_ = std::thread([this, &process] { live(process); });
  process.goes_.release();
  back_.acquire();
  if (process.ended) process.thread_.join();
}

void Stage::run() {
  while (true) {
    const Micros due = next_due(nullptr);
    if (due == kNever) return;
    advance(due);
    if (!happens_.empty() && happens_.begin()->first <= due) {
      const auto what = std::move(happens_.begin()->second);
      happens_.erase(happens_.begin());
      what();
      continue;
    }
    const auto next = std::ranges::find_if(processes_, [&](const auto& process) {
      return !process->ended && process->ready_ <= due;
    });
    go(**next);
  }
}

std::unique_ptr<Service> Stage::service_of(Process& process) {
  Ports ports;
  ports.configuration = world.configuration;
  const auto open = [this, &process]() -> Result<std::unique_ptr<ledger::Store>> {
    pass(process);
    if (world.ledger_error) return tl::unexpected<Error>(*world.ledger_error);
    return make_stage_store(*this, process);
  };
  ports.open_store = open;
  ports.open_reader = [open]() -> Result<std::unique_ptr<ledger::Reader>> {
    auto store = open();
    if (!store) return pass_on(store);
    return std::unique_ptr<ledger::Reader>(std::move(*store));
  };
  ports.router = std::make_unique<StageRouter>(*this, process, world.configuration);
  ports.environment = std::make_unique<StageEnvironment>(*this, process);
  ports.raise_lock = std::make_unique<StageLock>(*this, process, world.raise_taken);
  ports.executor_lock = std::make_unique<StageLock>(*this, process, world.executor_taken);
  ports.forward_lock = std::make_unique<StageLock>(*this, process, world.forward_taken);
  ports.spool = std::make_unique<StageSpool>(*this, process);
  ports.objects = std::make_unique<TestObjects>(world.objects);
  ports.seals.keys = std::make_unique<TestSealKeys>(world.sealed);
  ports.seals.own = std::make_unique<TestSealPlace>(world.sealed, false);
  ports.seals.lock = std::make_unique<StageLock>(*this, process, world.seal_taken);
  return std::make_unique<Service>(std::move(ports));
}

// ---- what is moved ---------------------------------------------------------------------------------

std::uint64_t Stage::dice(std::uint64_t below) {
  return below == 0 ? 0 : dice_() % below;
}

void Stage::wrong(const std::string& what) {
  if (problem.empty()) {
    problem = fmt::format("at {:.3f} s: {}", static_cast<double>(now.count()) / 1e6, what);
  }
}

void Stage::committed(Process& process) {
  std::vector<ledger::Event> events;
  ledger::Filter filter;
  filter.from = ledger::Sequence{seen_.value + 1};
  auto scanned = world.ledger->scan(filter, [&](ledger::Sequence, std::string_view line) {
    auto event = ledger::decode(line);
    if (event) events.push_back(std::move(*event));
    return event.has_value();
  });
  if (!scanned || events.empty()) return;
  seen_ = events.back().sequence;
  if (on_events) on_events(process, events);
}

Held Stage::in_router(const migration::Route& route) {
  const auto& values = world.maps->routes[route];
  return {values.first, values.second};
}

void Stage::write(const migration::Route& route, Held value, bool to_files) {
  const Held before = to_files ? files[route] : in_router(route);
  const bool halted = to_files ? files_kill : world.maps->kill;
  const bool rises = !halted && (value.share > before.share || value.mirror > before.mirror);
  if (rises && late_writes) {
    ++late_rises;
  } else if (rises) {
    wrong(fmt::format(
        "{} rises from {}% to {}% in the {}",
        to_text(route),
        to_text(before.share),
        to_text(value.share),
        to_files ? "files" : "router"
    ));
  }
  if (to_files) {
    files[route] = value;
  } else {
    world.maps->routes[route] = {value.share, value.mirror};
  }
}

void Stage::read_back(const migration::Route& route) {
  read_at[route] = now;
}

void Stage::edit(const migration::Route& route, Share share) {
  auto& values = world.maps->routes[route];
  if (share <= values.first) return;
  values.first = share;
  edited_at[route] = now;
}

// On a machine whose files are not ours the disk holds shares of 0 and the halt.
void Stage::restart(bool has_files) {
  // An emergency writes the router first: one that was killed before its files followed told nobody that it
  // was done, and a restart in that moment reads what was there before it.
  const bool half_cut = world.maps->kill && !files_kill;
  for (auto& [route, values] : world.maps->routes) {
    if (!has_files) files[route] = {};
    const Held held = files[route];
    if (held.share > values.first && !files_kill && !half_cut) {
      wrong("a restart of the router raises " + to_text(route));
    }
    values = {held.share, held.mirror};
  }
  files_kill = files_kill || !has_files;
  world.maps->kill = files_kill;
}

}  // namespace hal9::engine
