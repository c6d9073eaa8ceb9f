// What runs, told while it runs: gates, notes, and for a gradual rollback a line a route: on a
// terminal redrawn in place, off it one line a step. Routes with the same numbers share a line.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "engine/service.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/raise.h"
#include "migration/rollback.h"
#include "terminal.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hal9::tools {

// The lines of one step: name, share now, bar, target, time left. Pure.
std::vector<std::string> step_lines(
    const migration::RollbackPlan& plan,
    const std::vector<migration::RouteAmount>& amounts,
    Micros elapsed
);

// What a gradual rollback is going to do, before its first step: from where to where, how long,
// until when, and how it is left and taken up again. Empty for one that has no duration. Pure.
std::vector<std::string> plan_lines(const migration::RollbackPlan& plan);

// The same of a gradual move forward: where it goes, and a line a step. Pure.
std::vector<std::string> raise_lines(const migration::RaisePlan& plan);
std::string raise_step_line(
    const migration::RaisePlan& plan,
    const std::vector<migration::RouteAmount>& amounts,
    Micros elapsed
);

class TerminalProgress : public engine::Progress {
 public:
  explicit TerminalProgress(Terminal& terminal) : terminal_(terminal) {}
  void on_gates(const std::vector<migration::Gate>& gates) override;
  void on_plan(const migration::RollbackPlan& plan) override;
  void on_step(
      const migration::RollbackPlan& plan,
      const std::vector<migration::RouteAmount>& amounts,
      Micros elapsed
  ) override;
  void on_raise(const migration::RaisePlan& plan) override;
  void on_raise_step(
      const migration::RaisePlan& plan,
      const std::vector<migration::RouteAmount>& amounts,
      Micros elapsed
  ) override;
  void on_note(const std::string& note) override;

 private:
  bool stays_out(const migration::RollbackPlan& plan, Micros elapsed);

  Terminal& terminal_;
  std::size_t drawn_ = 0;  // lines of the last step, to be drawn over
  std::optional<RollbackId>
      said_of_;  // what is not drawn over: the last step that was said, and when
  Micros said_at_{};
};

}  // namespace hal9::tools
