// A migration in canary at 10%, and the line that raises it step by step.
#pragma once

#include "base/share.h"
#include "engine/map_router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/phase.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

namespace hal9::engine {

inline MoveRequest up(std::uint32_t to, std::optional<Share> pause = {}) {
  MoveRequest request;
  request.phase = migration::Phase::canary;
  request.percentage = percent(to);
  request.gradual = std::chrono::minutes(10);
  request.pause_after = pause;
  return request;
}

// In canary at 10%.
struct InCanary {
  InCanary() {
    world.at_canary(10);
    world.maps->highest.clear();
  }
  World world;
  std::unique_ptr<Service> service = world.process();
  Watcher watcher;

  Outcome go(const MoveRequest& request) {
    auto outcome = service->move(world.asker, request, watcher);
    if (outcome) return *outcome;
    ADD_FAILURE() << outcome.error().what << ": " << outcome.error().why;
    return {};
  }
  // An emergency of one route: its own kill key.
  Outcome cut(const migration::Route& route) {
    EmergencyRequest request;
    request.routes = std::vector{route};
    return service->emergency([this] { return world.asker; }, request, watcher);
  }
  [[nodiscard]] Share share() const { return world.maps->routes.at(kEu).first; }
};

}  // namespace hal9::engine
