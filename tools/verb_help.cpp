// `help` and `version`: need nothing, not even a configuration.
#include "base/name.h"
#include "exit_code.h"
#include "help.h"
#include "verbs.h"

#include <fmt/format.h>

namespace hal9::tools {

Result<int> run_help(Context& context) {
  const std::string& words = context.line().operand();
  if (words.empty()) {
    context.terminal().raw(help_text());
    return kDone;
  }
  std::string text = help_text_of(words);
  if (const Verb* verb = find_verb(words))
    text = help_text(*verb) + (text.empty() ? "" : "\n" + text);
  if (text.empty()) {
    const std::string meant = nearest(words, first_words());
    return fail(
        Code::usage,
        fmt::format("there is no command \"{}\"", words),
        meant.empty() ? "" : fmt::format("Did you mean \"{}\"?", meant),
        "",
        "hal9-migrate help" + (meant.empty() ? "" : " " + meant)
    );
  }
  context.terminal().raw(text);
  return kDone;
}

Result<int> run_version(Context& context) {
  context.terminal().raw("hal9-migrate " HAL9_VERSION "\n");
  return kDone;
}

}  // namespace hal9::tools
