// `help` and `version`: need nothing, not even a configuration.
#include "adapters/wiring/wiring.h"
#include "base/name.h"
#include "base/result.h"
#include "command_table.h"
#include "context.h"
#include "exit_code.h"
#include "help.h"
#include "verbs.h"

#include <string>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

Result<int> deliver_text(Context& context, const std::string& text) {
  return context.deliver(
      wiring::Wired{}, {[&](bool) { return text; }, [&] { return Json{{"help", text}}; }}, kDone
  );
}

}  // namespace

Result<int> run_help(Context& context) {
  const std::string& words = context.line().operand();
  if (words.empty()) {
    return deliver_text(context, help_text());
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
  return deliver_text(context, text);
}

Result<int> run_version(Context& context) {
  const std::string version = HAL9_VERSION;
  return context.deliver(
      wiring::Wired{},
      {[&](bool) { return "hal9-migrate " + version + "\n"; },
       [&] { return Json{{"version", version}}; }},
      kDone
  );
}

}  // namespace hal9::tools
