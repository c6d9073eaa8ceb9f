// What is said of one event: what it is, why it happened, what it led to, what it changed.
#include "base/escape.h"
#include "base/time.h"
#include "engine/explain.h"
#include "engine/views.h"
#include "say.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// Bytes of the data that a table shows; --format wide shows all of it.
constexpr std::size_t kDataShown = 300;

std::string in_quotes(const std::string& reason) {
  return reason.empty() ? "no reason given" : "\"" + escape_terminal(reason) + "\"";
}

std::string line_of(const engine::TimelineEntry& entry, bool with_reason) {
  return "  " + entry_text(entry, with_reason);
}

std::string head_text(const engine::ExplainView& view) {
  const engine::TimelineEntry& entry = view.entry;
  std::string text =
      fmt::format("Event {}: {}\n", entry.sequence.value, escape_terminal(entry.text));
  if (view.id.empty()) return text;
  text += "Happened: " + to_text(entry.time);
  if (entry.recorded != entry.time) text += ", recorded " + to_text(entry.recorded);
  text += fmt::format(
      "\nBy: {} ({}{}) via {}\n",
      escape_terminal(entry.actor),
      escape_terminal(entry.auth),
      view.role.empty() ? "" : ", " + escape_terminal(view.role),
      escape_terminal(entry.via)
  );
  text += "Type: " + escape_terminal(entry.type);
  if (!entry.subject.empty()) text += ", about " + escape_terminal(entry.subject);
  return text + "\n";
}

std::string why_text(const engine::ExplainView& view) {
  std::string text = "\nWhy:\n";
  if (view.began) {
    text += fmt::format(
        "  {} asked for it: {}\n", escape_terminal(view.entry.actor), in_quotes(view.entry.reason)
    );
  } else if (!view.entry.reason.empty()) {
    text += "  its own reason: " + in_quotes(view.entry.reason) + "\n";
  }
  for (const engine::Cause& cause : view.causes) {
    text += fmt::format("  {}:\n  {}", escape_terminal(cause.how), line_of(cause.entry, true));
  }
  return text;
}

std::string list_text(std::string_view title, const std::vector<engine::TimelineEntry>& entries) {
  if (entries.empty()) return {};
  std::string text = fmt::format("\n{}:\n", title);
  for (const engine::TimelineEntry& entry : entries) text += line_of(entry, false);
  return text;
}

std::string after_text(const engine::ExplainView& view) {
  std::string text = list_text(
      view.began ? "What it led to" : "What followed from the same beginning", view.after
  );
  if (view.after.empty()) {
    text = view.began ? "\nIt led to nothing further.\n"
                      : "\nNothing followed from the same beginning.\n";
  }
  if (view.more) {
    text += fmt::format(
        "  and more: hal9-migrate timeline --rollback {} --from {}\n",
        escape_terminal(view.entry.correlation),
        view.after.back().sequence.value
    );
  }
  return text;
}

// Places that changed alike are one line.
struct Alike {
  const engine::Change* change;
  std::size_t places;
};

std::string changes_text(const engine::ExplainView& view, bool each) {
  if (view.changes.empty()) return "\nIt changed nothing of the state.\n";
  std::vector<Alike> lines;
  for (const engine::Change& one : view.changes) {
    const auto same = [&](const Alike& line) {
      const engine::Change& other = *line.change;
      return other.what == one.what && other.before == one.before && other.after == one.after &&
             !one.what.empty();
    };
    const auto found = each ? lines.end() : std::ranges::find_if(lines, same);
    if (found == lines.end()) {
      lines.push_back({&one, 1});
    } else {
      ++found->places;
    }
  }
  std::string text = "\nWhat it changed:\n";
  for (const Alike& line : lines) {
    text += "  " + escape_terminal(line.change->place);
    if (line.places > 1) text += fmt::format(" and {} more", line.places - 1);
    text += fmt::format(
        ": {}{}{} -> {}\n",
        line.change->what,
        line.change->what.empty() ? "" : " ",
        escape_terminal(line.change->before),
        escape_terminal(line.change->after)
    );
  }
  return text;
}

}  // namespace

std::string explain_text(const engine::ExplainView& view, Look look) {
  std::string text = head_text(view);
  const std::string proof =
      fmt::format("next: hal9-migrate ledger prove {}\n", view.entry.sequence.value);
  if (view.id.empty()) return text + "Leaf: " + view.leaf + "\nnext: hal9-migrate ledger verify\n";
  text += why_text(view) + list_text("Recorded with it, by the same command", view.with_it);
  text += after_text(view) + changes_text(view, look.wide);
  const std::string data = look.wide ? view.data : shorten(view.data, kDataShown);
  text += fmt::format(
      "\nData: {}\nId: {}\nCommand: {}\nBegan with: {}\nLeaf: {}\n",
      escape_terminal(data),
      view.id,
      view.command,
      escape_terminal(view.entry.correlation),
      view.leaf
  );
  return text + proof;
}

}  // namespace hal9::tools
