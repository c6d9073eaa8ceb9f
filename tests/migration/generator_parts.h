// Pieces that the generators of this folder are made of. Private to them.
#pragma once

#include "base/id.h"
#include "base/name.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/actor.h"
#include "migration/amounts.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/gate.h"
#include "migration/generators.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "migration/server.h"
#include "migration/support.h"

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

namespace hal9::migration::test {

using rc::gen::build;
using rc::gen::container;
using rc::gen::element;
using rc::gen::inRange;
using rc::gen::map;
using rc::gen::resize;
using rc::gen::set;

// Greater than any sequence that a test reaches.
inline constexpr std::uint64_t kMaxSequence = (1ULL << 53U) - 1;

inline rc::Gen<bool> any_bool() {
  return element(false, true);
}
inline rc::Gen<std::uint64_t> any_number() {
  return inRange<std::uint64_t>(0, 40);
}
template <class T>
rc::Gen<std::optional<T>> maybe(rc::Gen<T> gen) {
  return rc::gen::exec([gen]() -> std::optional<T> {
    if (*any_bool()) return {};
    return *gen;
  });
}
template <class T>
rc::Gen<std::vector<T>> some(rc::Gen<T> gen) {
  return resize(4, container<std::vector<T>>(std::move(gen)));
}
template <class I>
rc::Gen<I> any_id() {
  return map(inRange(0, 6), [](int value) {
    I id;
    id.bytes[15] = static_cast<std::uint8_t>(value);
    return id;
  });
}
inline rc::Gen<Name> any_name() {
  return element(name("a"), name("b-1"), name("hierarchical_learning"), name("x.y"));
}
inline rc::Gen<Phase> any_phase() {
  return rc::gen::elementOf(std::vector<Phase>(std::begin(kPhases), std::end(kPhases)));
}
inline rc::Gen<ledger::Sequence> any_sequence() {
  return map(any_number(), [](std::uint64_t value) { return ledger::Sequence{value}; });
}
inline rc::Gen<Micros> any_span() {
  return map(inRange<std::int64_t>(0, 900'000'000), [](std::int64_t value) {
    return Micros{value};
  });
}
inline rc::Gen<RollbackKind> any_kind() {
  return element(RollbackKind::immediate, RollbackKind::gradual, RollbackKind::emergency);
}
inline rc::Gen<IncidentId> any_incident() {
  return map(any_sequence(), [](ledger::Sequence value) { return IncidentId{value}; });
}
inline rc::Gen<Severity> any_severity() {
  return element(Severity::minor, Severity::major, Severity::critical);
}
inline rc::Gen<ExternalId> any_external() {
  return build<ExternalId>(set(&ExternalId::system, any_name()), set(&ExternalId::id, any_text()));
}
inline rc::Gen<IncidentChoice> any_choice() {
  return build<IncidentChoice>(set(&IncidentChoice::joins, maybe(any_incident())));
}
inline rc::Gen<HookEnd> any_hook_end() {
  return element(
      HookEnd::succeeded,
      HookEnd::failed,
      HookEnd::timed_out,
      HookEnd::not_started,
      HookEnd::stopped
  );
}
inline rc::Gen<Gate> any_gate() {
  return build<Gate>(
      set(&Gate::name, element(GateName::spool, GateName::router, GateName::restore)),
      set(&Gate::outcome,
          element(
              GateOutcome::passed,
              GateOutcome::passed,
              GateOutcome::passed,
              GateOutcome::unknown,
              GateOutcome::not_checked
          )),
      set(&Gate::evidence, any_text()),
      set(&Gate::overridden, any_bool())
  );
}
inline rc::Gen<RouteAmount> any_amount() {
  return build<RouteAmount>(
      set(&RouteAmount::route, any_route()),
      set(&RouteAmount::share, maybe(any_share())),
      set(&RouteAmount::mirror, maybe(any_share()))
  );
}
inline rc::Gen<std::vector<FeatureAmount>> any_features() {
  return some(build<FeatureAmount>(
      set(&FeatureAmount::feature, any_name()), set(&FeatureAmount::percentage, any_share())
  ));
}
inline rc::Gen<RouteLowering> any_lowering() {
  return map(
      rc::gen::tuple(
          any_route(), any_share(), any_share(), any_share(), any_share(), maybe(any_time())
      ),
      [](const auto& t) {
        const auto& [route, a, b, c, d, ends] = t;
        return RouteLowering{
            route, std::max(a, b), std::min(a, b), std::max(c, d), std::min(c, d), ends
        };
      }
  );
}

template <class T>
rc::Gen<T> with_fence_and_routes() {
  return build<T>(set(&T::fence, any_number()), set(&T::routes, any_amounts()));
}
template <class T>
rc::Gen<T> with_fence_and_features() {
  return build<T>(set(&T::fence, any_number()), set(&T::features, any_features()));
}
template <class Variant, class T>
rc::Gen<Variant> as(rc::Gen<T> gen) {
  return map(std::move(gen), [](T value) { return Variant(std::move(value)); });
}

inline rc::Gen<Server> any_server() {
  return build<Server>(set(&Server::balancer, any_name()), set(&Server::name, any_text()));
}

// Apart from the numbers that a Bench gives to its commands, from which a rollback gets its id: two
// rollbacks of one id are an anomaly, and happen to nobody.

}  // namespace hal9::migration::test
