// `init`: what a migration needs, made in a folder.
#include "exit_code.h"
#include "verbs.h"

#include <filesystem>

namespace hal9::tools {

Result<int> run_init(Context& context) {
  const CommandLine& line = context.line();
  const std::filesystem::path folder = line.operand().empty() ? "." : line.operand();
  if (auto made = make_folders(folder); !made) return pass_on(made);
  auto made = wiring::init(folder, line.value("name").value_or("hal9"));
  if (!made) return pass_on(made);
  Terminal& terminal = context.terminal();
  for (const auto& file : made->files) terminal.say(Mark::done, "made " + file.string());
  terminal.say("the router is ledger-only: nothing moves until hal9.yaml names one");
  terminal.say("next: hal9-migrate config check, then hal9-migrate migrate --phase shadow");
  return kDone;
}

}  // namespace hal9::tools
