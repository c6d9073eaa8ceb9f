#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "engine/views.h"
#include "migration/gate.h"
#include "say.h"
#include "terminal.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

std::string line(Mark mark, std::string_view text, bool colour) {
  return Terminal::marked(mark, escape_terminal(text, true), colour) + "\n";
}

Mark mark_of(const std::optional<Code>& code) {
  if (!code) return Mark::done;
  return facts_of(*code).kind == CodeKind::progress ? Mark::warning : Mark::failed;
}

Mark mark_of(const migration::Gate& gate) {
  switch (gate.outcome) {
    case migration::GateOutcome::passed:
      return Mark::done;
    case migration::GateOutcome::not_checked:
      return Mark::neutral;
    case migration::GateOutcome::failed:
    case migration::GateOutcome::unknown:
      return gate.overridden ? Mark::warning : Mark::failed;
  }
  return Mark::failed;
}

std::string recorded_text(const engine::Outcome& outcome) {
  switch (outcome.recorded) {
    case engine::RecordedWhere::ledger:
      if (!outcome.first || !outcome.last) return "";
      if (*outcome.first == *outcome.last) {
        return fmt::format("recorded as event {}\n", outcome.first->value);
      }
      return fmt::format("recorded as events {}-{}\n", outcome.first->value, outcome.last->value);
    case engine::RecordedWhere::spool:
      return "recorded in the spool; the next command takes it into the ledger\n";
    case engine::RecordedWhere::nowhere:
      return "NOT RECORDED anywhere: keep what is printed here\n";
  }
  return "";
}

// Which incident a rollback belongs to; its number is what pager and ticket are told.
std::string incident_line(const engine::Outcome& outcome) {
  if (!outcome.rollback || !outcome.rollback->rollback.incident) return "";
  const std::string id = to_text(*outcome.rollback->rollback.incident);
  return fmt::format("part of incident {0}: hal9-migrate incident show {0}\n", id);
}

// The line that gives the reason afterwards; empty when nothing has to be asked for.
std::string ask_for_reason(const engine::Outcome& outcome, Told told) {
  if (!told.rollback || told.reason_given || !outcome.moved) return "";
  // One that was overtaken is over; the other's reason is asked of the other.
  if (outcome.rollback && outcome.rollback->rollback.superseded_by) return "";
  // One that a gate began has the gate for its reason.
  if (outcome.rollback && !outcome.rollback->rollback.reason.empty()) return "";
  std::string which;
  if (outcome.rollback && outcome.recorded == engine::RecordedWhere::ledger) {
    which = " --rollback " + to_text(outcome.rollback->rollback.plan.id);
  }
  return fmt::format(
      "recorded as \"no reason given\"; to say why: hal9-migrate annotate{} \"why\"\n", which
  );
}

}  // namespace

std::string where_line(const engine::Whereabouts& where) {
  return fmt::format(
      "ledger {} ({}) | router {} | watchdog {}",
      where.ledger,
      where.name,
      where.router,
      where.watchdog
  );
}

std::string gates_text(const std::vector<migration::Gate>& gates, bool colour) {
  std::string text;
  for (const migration::Gate& gate : gates) {
    std::string outcome = migration::to_text(gate.outcome);
    if (gate.overridden) outcome += ", overridden";
    std::string words = fmt::format("gate {:<11} {}", migration::to_text(gate.name), outcome);
    if (!gate.evidence.empty()) words += ": " + gate.evidence;
    text += line(mark_of(gate), words, colour);
  }
  return text;
}

std::string outcome_text(const engine::Outcome& outcome, Told told, bool colour) {
  std::string text = line(mark_of(outcome.code), outcome.headline, colour);
  if (!outcome.detail.empty()) text += "  " + escape_terminal(outcome.detail, true) + "\n";
  for (const std::string& note : outcome.notes) text += "- " + escape_terminal(note, true) + "\n";
  if (!outcome.break_glass.empty()) {
    text += line(
        Mark::warning,
        "by hand, without this program (the lines with # say what the others cut):",
        colour
    );
    for (const std::string& by_hand : outcome.break_glass) {
      text += "  " + escape_terminal(by_hand) + "\n";
    }
  }
  text += recorded_text(outcome);
  text += incident_line(outcome);
  text += ask_for_reason(outcome, told);
  std::string next = outcome.next;
  if (next.empty() && outcome.code == Code::interrupted) next = "hal9-migrate rollback resume";
  if (next.empty()) next = "hal9-migrate status";
  return text + "next: " + escape_terminal(next) + "\n";
}

}  // namespace hal9::tools
