#include "adapters/system/run_program.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"
#include "engine/seals.h"
#include "ledger/seal.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace hal9::system {

namespace {

class SealCommand : public engine::SealPlace {
 public:
  SealCommand(
      std::vector<std::string> arguments, std::filesystem::path ledger, std::filesystem::path folder
  )
      : arguments_(std::move(arguments)), ledger_(std::move(ledger)) {
    // Every seal that is made in a night, at some 300 bytes each, many times over.
    limits_.output = 16UL << 20U;
    // Since whoever has just rolled back waits for it.
    limits_.time = std::chrono::seconds(5);
    limits_.folder = std::move(folder);
  }

  [[nodiscard]] std::string location() const override {
    std::string line;
    for (const std::string& argument : arguments_) {
      line += (line.empty() ? "" : " ") + escape_shell(argument);
    }
    return line;
  }

  Result<std::vector<engine::KeptFile>> read() override {
    auto printed = run({"read"}, {});
    if (!printed) return pass_on(printed);
    std::vector<engine::KeptFile> files;
    std::string_view rest = *printed;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\0');
      if (end == std::string_view::npos) {
        return fail(
            Code::damaged,
            location() + " printed a seal without its end",
            "a NUL byte stands behind each",
            "nothing was taken from it"
        );
      }
      files.push_back({{}, std::string(rest.substr(0, end)), {}});
      rest.remove_prefix(end + 1);
    }
    return files;
  }

  Result<void> put(std::uint64_t size, const std::string& key, const std::string& note) override {
    if (auto kept = run({"put", ledger::seal_name(size, key)}, note); !kept) return pass_on(kept);
    auto there = read();
    if (!there) return pass_on(there);
    if (std::ranges::find(*there, note, &engine::KeptFile::bytes) != there->end()) return {};
    return fail(
        Code::conflict,
        location() + " has not the seal that it was given",
        "it said that it kept it",
        "the seal is beside the ledger"
    );
  }

 private:
  Result<std::string> run(const std::vector<std::string>& more, std::string_view input) {
    const std::uint32_t owner = owner_of(ledger_).value_or(0);
    if (!may_run_for(::geteuid(), owner)) {
      return fail(
          Code::not_authorised,
          location() + " is not run by root",
          "another user owns the ledger and may have named it",
          "nothing was run",
          fmt::format("sudo -u '#{}' hal9-migrate ledger seal", owner)
      );
    }
    std::vector<std::string> arguments = arguments_;
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto result = run_program(arguments, input, limits_);
    if (!result) return pass_on(result);
    if (result->code == 0) return std::move(result->output);
    const std::string_view said = result->errors;
    return fail(
        Code::unreachable,
        fmt::format("{} {} ended with {}", location(), more.front(), result->code),
        std::string(said.substr(0, said.find('\n'))),
        "the seals beside the ledger are as they were"
    );
  }

  std::vector<std::string> arguments_;
  std::filesystem::path ledger_;
  ProgramLimits limits_;
};

}  // namespace

std::unique_ptr<engine::SealPlace> make_witness_command(
    std::vector<std::string> arguments, std::filesystem::path ledger, std::filesystem::path folder
) {
  return std::make_unique<SealCommand>(std::move(arguments), std::move(ledger), std::move(folder));
}

}  // namespace hal9::system
