// What is said of objects: long texts that are kept beside the ledger.
#include "base/escape.h"
#include "engine/views.h"
#include "say.h"
#include "terminal.h"

#include <string>

#include <fmt/format.h>

namespace hal9::tools {

std::string object_text(const engine::ObjectView& view, bool to_file) {
  if (to_file) return view.content;
  std::string text = escape_terminal(view.content, true);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

std::string object_check_text(const engine::ObjectCheck& check, bool colour) {
  std::string text = fmt::format("objects read again: {}\n", check.checked);
  if (check.problem.empty()) return text;
  return text +
         Terminal::marked(
             Mark::failed,
             fmt::format(
                 "objects in {} could not be read: {}",
                 escape_terminal(check.location),
                 escape_terminal(check.problem)
             ),
             colour
         ) +
         "\n";
}

}  // namespace hal9::tools
