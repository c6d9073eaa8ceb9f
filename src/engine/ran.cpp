#include "engine/ran.h"

#include "base/id.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/events.h"
#include "migration/ramp.h"
#include "migration/rollback.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace hal9::engine {

namespace {

Share above_line(
    const migration::RollbackPlan& plan,
    const std::vector<migration::RouteAmount>& observed,
    Time read
) {
  Share most;
  for (const auto& wanted : migration::amounts_at(plan, read - plan.started)) {
    const auto seen = std::ranges::find(observed, wanted.route, &migration::RouteAmount::route);
    if (seen == observed.end()) continue;
    const Share is = seen->share.value_or(Share::none());
    const Share line = wanted.share.value_or(Share::all());
    if (is <= line) continue;
    most = std::max(most, Share::of_hundredths(std::uint32_t{is.hundredths()} - line.hundredths()));
  }
  return most;
}

// Folds the rollback's own events into what they say of it.
class Fold {
 public:
  Fold(RanView& view, const migration::RollbackPlan& plan) : view_(view), plan_(plan) {}

  void take(const ledger::Event& event) {
    auto fact = migration::decode_fact(event.draft.type, event.draft.data);
    if (!fact) return;
    if (const auto* seen = std::get_if<migration::TrafficObserved>(&*fact)) {
      step(seen->routes, event.draft.time);
    } else if (const auto* noted = std::get_if<migration::TrafficRecorded>(&*fact)) {
      step(noted->routes, event.draft.time);
    } else if (std::holds_alternative<migration::RollbackStalled>(*fact)) {
      ++view_.stalls;
    } else if (std::holds_alternative<migration::ExecutorTaken>(*fact)) {
      ++view_.executors;
    }
  }

 private:
  void step(const std::vector<migration::RouteAmount>& routes, Time read) {
    ++view_.steps;
    if (view_.planned.count() == 0) return;
    view_.above = std::max(view_.above, std::optional(above_line(plan_, routes, read)));
  }

  RanView& view_;
  const migration::RollbackPlan& plan_;
};

}  // namespace

Result<RanView> Service::ran(RollbackId id) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto view = parts_->rollback_view(**reader, id);
  if (!view) return pass_on(view);
  const auto& rollback = view->rollback;
  RanView ran;
  ran.planned = std::max(Micros{0}, rollback.plan.ends - rollback.plan.started);
  if (rollback.ended) ran.ran = std::max(Micros{0}, *rollback.ended - rollback.plan.started);
  Fold fold(ran, rollback.plan);
  ledger::Filter filter;
  filter.correlation = CorrelationId{id.bytes};
  auto scanned = (*reader)->scan(filter, [&](ledger::Sequence, std::string_view line) {
    if (auto event = ledger::decode(line)) fold.take(*event);
    return true;
  });
  if (!scanned) return pass_on(scanned);
  return ran;
}

}  // namespace hal9::engine
