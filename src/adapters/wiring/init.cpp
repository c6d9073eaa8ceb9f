#include "adapters/config/config_file.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/system.h"
#include "adapters/wiring/parts.h"
#include "adapters/wiring/wiring.h"
#include "base/escape.h"
#include "base/name.h"
#include "base/result.h"
#include "engine/lock.h"
#include "engine/service.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::wiring {

namespace {

// What is there already is somebody's; nothing is made beside it.
Result<void> refuse_to_overwrite(const std::vector<std::filesystem::path>& files) {
  for (const auto& file : files) {
    std::error_code ignored;
    if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) continue;
    // Without its configuration there is no migration to look at: another folder it has to be.
    const auto config = file.parent_path() / "hal9.yaml";
    return fail(
        Code::conflict,
        file.string() + " is there already",
        "init overwrites nothing",
        "nothing was made",
        std::filesystem::exists(config, ignored)
            ? "hal9-migrate status --config " + escape_shell(config.string())
            : "hal9-migrate init " + escape_shell((file.parent_path() / "another").string())
    );
  }
  return {};
}

// So that whoever comes first later, root among them, finds them made. The ledger's own is made by
// its first events.
Result<void> make_lock_files(const engine::Ports& ports) {
  for (engine::Lock* lock :
       {ports.raise_lock.get(), ports.executor_lock.get(), ports.forward_lock.get()}) {
    if (auto held = lock->acquire(std::chrono::milliseconds{0}); !held) return pass_on(held);
  }
  return {};
}

}  // namespace

Result<void> write_break_glass(
    const std::filesystem::path& file,
    const std::filesystem::path& ledger,
    const std::vector<std::string>& lines
) {
  std::string text =
      "#!/bin/sh\n"
      "# Break glass: stops all hierarchical traffic without hal9-migrate.\n"
      "# What each line cuts, the one with # above it says; what it runs, it names itself.\n"
      "# Written anew with each accepted configuration; printed by:\n"
      "#   hal9-migrate rollback --emergency --print\n";
  for (const std::string& line : lines) text += line + "\n";
  return system::write_atomically(file, text, ledger, system::Keeper::owner);
}

Result<Made> init(const std::filesystem::path& folder, const std::string& name) {
  auto checked = Name::parse(name);
  if (!checked) return pass_on(checked);
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  const auto root = std::filesystem::absolute(folder, made).lexically_normal();
  if (made) {
    return fail(Code::failed, "the folder " + folder.string() + " cannot be made", made.message());
  }
  const auto config_file = root / "hal9.yaml";
  const std::string yaml = config::commented_default(name);
  auto configuration = config::parse(yaml, config_file);
  if (!configuration) return pass_on(configuration);
  const std::filesystem::path ledger = configuration->ledger;
  std::filesystem::path spool = ledger;
  spool += ".spool";
  const std::vector<std::filesystem::path> files{
      config_file, ledger, spool, break_glass_path(config_file)
  };
  if (auto free = refuse_to_overwrite(files); !free) return pass_on(free);

  auto written = system::write_atomically(config_file, yaml, ledger, system::Keeper::root);
  if (!written) return pass_on(written);
  if (auto done = sqlite::create(ledger, name); !done) return pass_on(done);
  if (auto done = system::prepare_spool(spool, ledger); !done) return pass_on(done);
  auto loaded = config::load(config_file);
  if (!loaded) return pass_on(loaded);
  engine::Ports ports = make_ports(loaded->configuration, root);
  ports.accepted = keep_for_the_night(config_file, std::move(*loaded), ports);
  if (auto done = make_lock_files(ports); !done) return pass_on(done);
  engine::Service service(std::move(ports));
  if (auto done = service.open_migration({system::local_actor(), {}}); !done) return pass_on(done);
  auto glass = write_break_glass(break_glass_path(config_file), ledger, service.break_glass());
  if (!glass) return pass_on(glass);
  return Made{files};
}

}  // namespace hal9::wiring
