// `init`: what a migration needs, made in a folder.
#include "adapters/wiring/wiring.h"
#include "base/escape.h"
#include "base/name.h"
#include "base/result.h"
#include "command_line.h"
#include "context.h"
#include "exit_code.h"
#include "formats.h"
#include "output.h"
#include "terminal.h"
#include "verbs.h"

#include <filesystem>
#include <string>
#include <utility>

namespace hal9::tools {

namespace {

// What was typed with a dash for each letter that a name has not.
std::string allowed(std::string name) {
  for (char& letter : name) {
    if (!Name::parse({&letter, 1})) letter = '-';
  }
  return Name::parse(name) ? name : "hal9";
}

// Where the configuration is looked for when nobody says where it is.
bool found_without_a_word(const std::filesystem::path& folder) {
  const auto there = std::filesystem::absolute(folder).lexically_normal() / "";
  return there == std::filesystem::current_path() / "" || there == "/etc/hal9/";
}

}  // namespace

Result<int> run_init(Context& context) {
  const CommandLine& line = context.line();
  auto name = Name::parse(line.value("name").value_or("hal9"));
  if (!name) {
    name.error().what = "--name: " + name.error().what;
    name.error().next = line.with("name", allowed(line.value("name").value_or("")));
    return pass_on(name);
  }
  const std::filesystem::path folder = line.operand().empty() ? "." : line.operand();
  if (auto made = make_folders(folder); !made) return pass_on(made);
  auto made = wiring::init(folder, name->text());
  if (!made) return pass_on(made);
  const auto text = [&](bool colour) {
    std::string lines;
    for (const auto& file : made->files) {
      lines +=
          Terminal::marked(Mark::done, "made " + escape_terminal(file.string()), colour) + "\n";
    }
    return lines +
           "the router is ledger-only: nothing moves until hal9.yaml names one\n"
           "to begin once it is right: hal9-migrate migrate --phase shadow\n"
           "next: hal9-migrate config check" +
           (found_without_a_word(folder)
                ? std::string()
                : " --config " + escape_shell((folder / "hal9.yaml").string())) +
           "\n";
  };
  const auto json = [&] {
    Json files = Json::array();
    for (const auto& file : made->files) files.push_back(file.string());
    return Json{{"files", std::move(files)}};
  };
  return context.deliver(wiring::Wired{}, {text, json}, kDone);
}

}  // namespace hal9::tools
