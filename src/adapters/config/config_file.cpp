#include "adapters/config/config_file.h"

#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/sha256.h"
#include "migration/codec.h"
#include "migration/configuration.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace hal9::config {

namespace {

constexpr std::size_t kLargest = std::size_t{1024} * 1024;

bool is_there(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

// Bytes at one place say nothing of those at another (paths are relative to the folder), nor of how a
// program reads them that is not this one.
std::string key_of(std::string_view yaml, const std::filesystem::path& file) {
  return to_hex(sha256({HAL9_CONFIG_READER, "\n", file.string(), "\n", yaml}));
}

// What stands for hal9.yaml was not changed by itself.
std::string seal_of(std::string_view configuration, std::string_view key) {
  return to_hex(sha256({configuration, "\n", key}));
}

// One of an earlier program has the configuration alone.
struct Copy {
  std::string_view configuration;
  std::filesystem::path file;
  std::string_view seal;
};

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

Copy split(std::string_view bytes) {
  Copy copy;
  copy.configuration = take_line(bytes);
  copy.file = take_line(bytes);
  copy.seal = take_line(bytes);
  return copy;
}

std::optional<migration::Configuration> copy_of(
    const std::string& key, const std::filesystem::path& file
) {
  const auto bytes = system::read_trusted(accepted_path(file), kLargest);
  if (!bytes) return {};
  const Copy copy = split(*bytes);
  if (copy.seal != seal_of(copy.configuration, key)) return {};
  auto configuration = migration::decode_configuration(copy.configuration);
  if (!configuration) return {};
  return std::move(*configuration);
}

// One that was moved takes its copy along; of one that was copied the first is still there.
bool is_of_another(const Copy& copy, const std::filesystem::path& file) {
  if (copy.file.empty() || copy.file == file || !is_there(copy.file)) return false;
  std::error_code ignored;
  return !std::filesystem::equivalent(copy.file, file, ignored);
}

// A ledger in the folder that was moved went with it.
void move_along(
    migration::Configuration& configuration,
    const std::filesystem::path& from,
    const std::filesystem::path& to
) {
  if (from.empty()) return;
  const auto inside =
      std::filesystem::path(configuration.ledger).lexically_relative(from.parent_path());
  if (inside.empty() || *inside.begin() == "..") return;
  configuration.ledger = (to.parent_path() / inside).string();
}

}  // namespace

Result<std::filesystem::path> find(
    const std::optional<std::string>& option, const std::optional<std::string>& environment
) {
  const auto& named = option ? option : environment;
  if (named) {
    // Absolute from here on: what is derived from it must not move with the working directory.
    std::error_code ignored;
    auto file = std::filesystem::absolute(*named, ignored).lexically_normal();
    if (!ignored && is_there(file)) return file;
    return fail(
        Code::missing,
        "there is no configuration at " + *named,
        option ? "--config names it" : "HAL9_CONFIG names it",
        "nothing was changed",
        "hal9-migrate init"
    );
  }
  static constexpr std::array kPlaces{"hal9.yaml", "/etc/hal9/hal9.yaml"};
  for (const char* place : kPlaces) {
    std::error_code ignored;
    if (is_there(place)) return std::filesystem::absolute(place, ignored);
  }
  return fail(
      Code::missing,
      "there is no configuration",
      "looked at --config, HAL9_CONFIG, ./hal9.yaml and /etc/hal9/hal9.yaml",
      "nothing was changed",
      "hal9-migrate init"
  );
}

Result<Loaded> load(const std::filesystem::path& file) {
  auto yaml = system::read_trusted(file, kLargest);
  if (!yaml) return pass_on(yaml);
  Loaded loaded;
  loaded.key = key_of(*yaml, file);
  if (auto copy = copy_of(loaded.key, file)) {
    loaded.configuration = std::move(*copy);
    loaded.from_copy = true;
    return loaded;
  }
  auto parsed = parse(*yaml, file);
  if (!parsed) return pass_on(parsed);
  loaded.configuration = std::move(*parsed);
  return loaded;
}

std::filesystem::path accepted_path(const std::filesystem::path& config_file) {
  return config_file.parent_path() / ("." + config_file.stem().string() + "-accepted.json");
}

Result<void> keep_accepted(const std::filesystem::path& config_file, const Loaded& loaded) {
  const std::string configuration = migration::encode_configuration(loaded.configuration);
  const std::string seal = loaded.key.empty() ? "" : seal_of(configuration, loaded.key);
  std::string file = config_file.string();
  if (file.find('\n') != std::string::npos) file.clear();
  return system::write_atomically(
      accepted_path(config_file),
      fmt::format("{}\n{}\n{}\n", configuration, file, seal),
      loaded.configuration.ledger,
      system::Keeper::root
  );
}

bool has_accepted(const std::filesystem::path& config_file) {
  return is_there(accepted_path(config_file));
}

Result<migration::Configuration> load_accepted(const std::filesystem::path& config_file) {
  auto bytes = system::read_trusted(accepted_path(config_file), kLargest);
  if (!bytes) return pass_on(bytes);
  const Copy copy = split(*bytes);
  if (is_of_another(copy, config_file)) {
    return fail(
        Code::conflict,
        accepted_path(config_file).string() + " is the copy of another configuration",
        "it was made of " + copy.file.string(),
        "nothing was changed",
        "hal9-migrate rollback --config " + escape_shell(copy.file.string())
    );
  }
  auto configuration = migration::decode_configuration(copy.configuration);
  if (configuration) move_along(*configuration, copy.file, config_file);
  return configuration;
}

}  // namespace hal9::config
