#include "progress.h"

#include "base/counted.h"
#include "base/escape.h"
#include "base/share.h"
#include "base/time.h"
#include "migration/amounts.h"
#include "migration/gate.h"
#include "migration/raise.h"
#include "migration/ramp.h"
#include "migration/rollback.h"
#include "migration/route.h"
#include "say.h"
#include "terminal.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

constexpr std::size_t kBar = 20;

// A route's numbers in a step: routes that have the same ones share a line.
struct Numbers {
  bool mirror = false;  // the mirror falls, not the share
  Share from, now, to;
  bool operator==(const Numbers&) const = default;
};

struct Line {
  Numbers numbers;
  std::string first;
  std::size_t routes = 0;
};

Numbers numbers_of(const migration::RouteLowering& route, const migration::RouteAmount& amount) {
  if (route.share_from == route.share_to && route.mirror_from != route.mirror_to) {
    return {true, route.mirror_from, amount.mirror.value_or(route.mirror_from), route.mirror_to};
  }
  return {false, route.share_from, amount.share.value_or(route.share_from), route.share_to};
}

std::vector<Line> group(
    const migration::RollbackPlan& plan, const std::vector<migration::RouteAmount>& amounts
) {
  std::vector<Line> lines;
  for (const auto& route : plan.routes) {
    const auto found = std::ranges::find(amounts, route.route, &migration::RouteAmount::route);
    if (found == amounts.end()) continue;
    const Numbers numbers = numbers_of(route, *found);
    const auto line = std::ranges::find(lines, numbers, &Line::numbers);
    if (line == lines.end()) {
      lines.push_back({numbers, to_text(route.route), 1});
    } else {
      ++line->routes;
    }
  }
  return lines;
}

// Full at the start, empty at the target: it shrinks with the share.
std::string bar(const Numbers& numbers) {
  const std::uint32_t way =
      numbers.from.hundredths() - std::min(numbers.from, numbers.to).hundredths();
  const std::uint32_t left =
      numbers.now > numbers.to ? numbers.now.hundredths() - numbers.to.hundredths() : 0U;
  const std::size_t full =
      way == 0 ? 0 : std::min<std::size_t>(kBar, (left * kBar + way - 1) / way);
  return std::string(full, '#') + std::string(kBar - full, '.');
}

}  // namespace

std::vector<std::string> step_lines(
    const migration::RollbackPlan& plan,
    const std::vector<migration::RouteAmount>& amounts,
    Micros elapsed
) {
  const Micros left = std::max(Micros{0}, plan.ends - plan.started - elapsed);
  // Whole seconds: a person does not read milliseconds.
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(left);
  const std::string when = seconds.count() == 0 ? "at its end" : to_text(Micros(seconds)) + " left";
  const auto grouped = group(plan, amounts);
  std::vector<std::string> lines;
  for (const Line& line : grouped) {
    std::string name = line.first;
    if (line.routes == plan.routes.size() && line.routes > 1) {
      name = fmt::format("all {} routes", line.routes);
    } else if (line.routes > 1) {
      name = fmt::format("{} and {} more", line.first, line.routes - 1);
    }
    lines.push_back(fmt::format(
        "{:<32} {} {:>6}% [{}] to {}%, {}",
        name,
        line.numbers.mirror ? "mirror" : "share",
        to_text(line.numbers.now),
        bar(line.numbers),
        to_text(line.numbers.to),
        when
    ));
  }
  return lines;
}

std::vector<std::string> plan_lines(const migration::RollbackPlan& plan) {
  if (plan.ends <= plan.started) return {};
  const auto highest = migration::highest_of(plan);
  const bool mirror = highest.share_from == highest.share_to;
  return {
      fmt::format(
          "{} rollback: {} {}% to {}% on {} over {}, from {} to {}",
          to_text(plan.kind),
          mirror ? "mirror" : "share",
          to_text(mirror ? highest.mirror_from : highest.share_from),
          to_text(mirror ? highest.mirror_to : highest.share_to),
          counted(plan.routes.size(), "route"),
          to_text(plan.ends - plan.started),
          for_people(plan.started),
          for_people(plan.ends)
      ),
      "Ctrl-C leaves traffic where it is then, and the rollback open; it goes on with: "
      "hal9-migrate rollback resume",
  };
}

std::vector<std::string> raise_lines(const migration::RaisePlan& plan) {
  const auto ends = migration::ends_of(plan);
  std::string pause;
  if (plan.pause_after) pause = fmt::format(", pausing at {}%", to_text(*plan.pause_after));
  return {
      fmt::format(
          "forward: {} {}% to {}% on {} over {}{}, until {}",
          ends.mirror ? "mirror" : "share",
          to_text(ends.from),
          to_text(ends.to),
          counted(plan.routes.size(), "route"),
          to_text(plan.ends - plan.started),
          pause,
          for_people(plan.ends)
      ),
      "Ctrl-C pauses it where it is; then hal9-migrate migrate resume, or abort, or rollback",
  };
}

std::string raise_step_line(
    const migration::RaisePlan& plan,
    const std::vector<migration::RouteAmount>& amounts,
    Micros elapsed
) {
  const auto ends = migration::ends_of(plan);
  Share low = Share::all();
  Share high;
  for (const auto& amount : amounts) {
    const Share share = (ends.mirror ? amount.mirror : amount.share).value_or(Share::none());
    low = std::min(low, share);
    high = std::max(high, share);
  }
  const auto left = std::chrono::ceil<std::chrono::seconds>(
      std::max(Micros{0}, plan.ends - plan.started - elapsed)
  );
  return fmt::format(
      "{:<32} {} {:>6}% of {}%, {}",
      counted(plan.routes.size(), "route"),
      ends.mirror ? "mirror" : "share",
      low >= high ? to_text(high) : to_text(low) + "-" + to_text(high),
      to_text(ends.to),
      left.count() == 0 ? "at its end" : to_text(Micros(left)) + " left"
  );
}

void TerminalProgress::on_raise(const migration::RaisePlan& plan) {
  for (const std::string& line : raise_lines(plan)) terminal_.say(line);
  drawn_ = 0;
}

void TerminalProgress::on_raise_step(
    const migration::RaisePlan& plan,
    const std::vector<migration::RouteAmount>& amounts,
    Micros elapsed
) {
  std::string text;
  if (terminal_.live() && drawn_ > 0) text += fmt::format("\x1b[{}A\x1b[2K", drawn_);
  text += raise_step_line(plan, amounts, elapsed) + "\n";
  drawn_ = 1;
  terminal_.raw(text);
}

void TerminalProgress::on_gates(const std::vector<migration::Gate>& gates) {
  terminal_.raw(gates_text(gates, terminal_.colour()));
  drawn_ = 0;
}

void TerminalProgress::on_plan(const migration::RollbackPlan& plan) {
  for (const std::string& line : plan_lines(plan)) terminal_.say(line);
  drawn_ = 0;
}

// Off a terminal every step would stay: a line a twentieth of the way is enough to follow it.
bool TerminalProgress::stays_out(const migration::RollbackPlan& plan, Micros elapsed) {
  const Micros duration = plan.ends - plan.started;
  const bool first = said_of_ != plan.id;
  if (!first && elapsed < duration && elapsed - said_at_ < duration / 20) return true;
  said_of_ = plan.id;
  said_at_ = elapsed;
  return false;
}

void TerminalProgress::on_step(
    const migration::RollbackPlan& plan,
    const std::vector<migration::RouteAmount>& amounts,
    Micros elapsed
) {
  // An immediate one has one step, and its end is said anyway.
  if (plan.ends <= plan.started) return;
  if (!terminal_.live() && stays_out(plan, elapsed)) return;
  const auto lines = step_lines(plan, amounts, elapsed);
  std::string text;
  if (terminal_.live() && drawn_ > 0) text += fmt::format("\x1b[{}A", drawn_);
  for (const std::string& line : lines) {
    if (terminal_.live()) text += "\x1b[2K";
    text += escape_terminal(line) + "\n";
  }
  // Fewer lines than before: what is below is from the last step.
  if (terminal_.live() && drawn_ > lines.size()) text += "\x1b[J";
  drawn_ = lines.size();
  terminal_.raw(text);
}

void TerminalProgress::on_note(const std::string& note) {
  terminal_.say(Mark::warning, note);
  drawn_ = 0;
}

}  // namespace hal9::tools
