#include "base/escape.h"
#include "say.h"
#include "terminal.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

// Without comments and blank lines, each ended by a newline.
void add_commands(std::string& commands, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.starts_with('#')) continue;
    commands += line;
    commands += '\n';
  }
}

std::string next_of(const ConfigCheck& check) {
  // A way back writes them anew, down to what is on record.
  if (!check.refusals.empty()) {
    return check.next.empty() ? "hal9-migrate traffic --verify" : check.next;
  }
  if (!check.accepted.differences.empty()) {
    // Any command that changes something accepts the file and writes the break-glass file.
    return "hal9-migrate annotate \"hal9.yaml was changed\"";
  }
  if (check.break_glass != BreakGlass::right) {
    return "hal9-migrate rollback --emergency --print --output " +
           escape_shell(check.break_glass_file);
  }
  return "hal9-migrate status";
}

}  // namespace

std::string word_of(BreakGlass is) {
  switch (is) {
    case BreakGlass::right:
      break;
    case BreakGlass::stale:
      return "stale";
    case BreakGlass::missing:
      return "missing";
  }
  return "right";
}

bool has_lines(std::string_view file, const std::vector<std::string>& lines) {
  std::string there;
  std::string wanted;
  add_commands(there, file);
  for (const std::string& line : lines) add_commands(wanted, line);
  return there == wanted;
}

std::string config_check_text(const ConfigCheck& check, bool colour) {
  const auto warning = [&](const std::string& words) {
    return Terminal::marked(Mark::warning, escape_terminal(words), colour) + "\n";
  };
  const bool right = check.refusals.empty();
  std::string text = Terminal::marked(
                         right ? Mark::done : Mark::failed,
                         escape_terminal(check.file) + (right ? " is right" : " is not right yet"),
                         colour
                     ) +
                     "\n";
  text += fmt::format(
      "router {}, {} routes, {} features\n",
      escape_terminal(check.router),
      check.routes,
      check.features
  );
  for (const auto& refusal : check.refusals) {
    text += Terminal::marked(Mark::failed, escape_terminal(refusal), colour) + "\n";
  }
  for (const auto& words : check.warnings) text += warning(words);
  if (!check.not_compared.empty()) {
    text += warning("not compared with what was accepted last: " + check.not_compared);
  } else if (!check.accepted.differences.empty()) {
    text += warning("it is not the configuration that the ledger accepted last:");
    for (const auto& one : check.accepted.differences) text += "  " + escape_terminal(one) + "\n";
  }
  if (!check.copy_is_current) {
    text += warning(
        check.copy_file +
        " is not a copy of it: it cannot be written, or was changed. A way back "
        "goes by it where neither " +
        check.file + " nor the ledger can be read"
    );
  }
  if (check.break_glass == BreakGlass::stale) {
    text += warning(
        check.break_glass_file + " is stale: it does not hold the lines that would be printed now"
    );
  } else if (check.break_glass == BreakGlass::missing) {
    text +=
        warning(check.break_glass_file + " is missing: it cuts the traffic without hal9-migrate");
  }
  return text + "next: " + escape_terminal(next_of(check)) + "\n";
}

}  // namespace hal9::tools
