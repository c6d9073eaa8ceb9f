#include "adapters/wiring/wiring.h"

#include "adapters/config/config_file.h"
#include "adapters/exec/exec_router.h"
#include "adapters/haproxy/haproxy_router.h"
#include "adapters/haproxy/weight_router.h"
#include "adapters/http/http_router.h"
#include "adapters/ledger_only/ledger_only_router.h"
#include "adapters/objects/object_files.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/system.h"
#include "adapters/wiring/parts.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/fold.h"
#include "engine/router.h"
#include "engine/seals.h"
#include "engine/service.h"
#include "engine/spool.h"
#include "migration/configuration.h"
#include "migration/state.h"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <unistd.h>

namespace hal9::wiring {

namespace {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return {};
  return std::string(value);
}

// The last recorded state, for the router that has nothing else; an unreadable ledger reads as an
// empty one here, and as the error that it is everywhere else.
migration::State recorded_state(const std::filesystem::path& ledger) {
  auto reader = sqlite::open_to_read(ledger);
  if (!reader) return {};
  auto head = (*reader)->head();
  if (!head) return {};
  auto state = engine::state_at(**reader, head->sequence);
  return state ? std::move(*state) : migration::State{};
}

std::optional<std::filesystem::path> typed_ledger(const Places& places) {
  const auto ledger = places.ledger ? places.ledger : environment("HAL9_LEDGER");
  if (!ledger) return {};
  return absolute(*ledger);
}

// The program that speaks HTTP: beside this one, or where an installation puts it.
std::filesystem::path http_program() {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  auto beside_us = self / http::kProgram;
  if (std::filesystem::exists(beside_us, ignored)) return beside_us;
  return (self / ".." / "libexec" / "hal9-migrate" / http::kProgram).lexically_normal();
}

std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration,
    const std::filesystem::path& ledger,
    const std::filesystem::path& folder
) {
  switch (configuration.router) {
    case migration::RouterKind::ledger_only:
      break;
    case migration::RouterKind::haproxy:
      return haproxy::make_router(configuration);
    case migration::RouterKind::haproxy_weights:
      return haproxy::make_weight_router(configuration);
    case migration::RouterKind::exec:
      return exec::make_router(configuration, folder);
    case migration::RouterKind::http:
      return http::make_router(configuration, http_program());
  }
  return ledger_only::make_router(configuration, [ledger] { return recorded_state(ledger); });
}

// Where an emergency is written down when the ledger's own folder takes nothing. Named after the
// ledger's path, links followed, and the user, so that two ledgers or users do not share one, and one
// ledger has one however it is typed; spools that somebody else made there are refused by their owner.
std::unique_ptr<engine::Spool> spare_spool(const std::filesystem::path& ledger, uid_t user) {
  std::error_code ignored;
  const auto followed = std::filesystem::weakly_canonical(ledger, ignored);
  const std::string digest = to_hex(sha256((ignored ? ledger : followed).string()));
  return system::make_spare_spool(
      "/var/tmp/hal9-" + std::to_string(user) + "-" + digest.substr(0, 16) + ".spool", ledger
  );
}

// The spool beside the ledger and our spare one. Root takes in what the ledger's owner left in his;
// he cannot take in root's, but he sees that something waits there.
std::unique_ptr<engine::Spool> make_spool(const std::filesystem::path& ledger) {
  const uid_t user = ::getuid();
  const uid_t other = user == 0 ? system::owner_of(ledger).value_or(0) : 0;
  std::vector<std::unique_ptr<engine::Spool>> own;
  own.push_back(system::make_spool(beside(ledger, ".spool"), ledger));
  own.push_back(spare_spool(ledger, user));
  std::vector<std::unique_ptr<engine::Spool>> others;
  if (other != user) others.push_back(spare_spool(ledger, other));
  return system::join_spools(std::move(own), std::move(others));
}

engine::SealPorts make_seals(
    const migration::Configuration& configuration,
    const std::filesystem::path& ledger,
    const std::filesystem::path& folder
) {
  engine::SealPorts seals;
  seals.keys = system::make_seal_keys(ledger);
  seals.own = system::make_seal_folder(beside(ledger, ".seals"), ledger);
  for (const std::string& witness :
       configuration.seal_witnesses.value_or(std::vector<std::string>{})) {
    seals.witnesses.push_back(system::make_witness_folder(witness));
  }
  for (const auto& arguments :
       configuration.seal_commands.value_or(std::vector<std::vector<std::string>>{})) {
    seals.witnesses.push_back(system::make_witness_command(arguments, ledger, folder));
  }
  seals.lock = system::make_file_lock(beside(ledger, ".seal.lock"), ledger);
  return seals;
}

// `folder`: where the programs of the configuration run.
Wired put_together(
    const Places& places,
    std::filesystem::path config_file,
    config::Loaded loaded,
    const std::filesystem::path& folder
) {
  migration::Configuration configuration = loaded.configuration;
  if (const auto ledger = typed_ledger(places)) configuration.ledger = ledger->string();
  Wired wired;
  wired.config_file = std::move(config_file);
  wired.ledger_file = configuration.ledger;
  engine::Ports ports = make_ports(configuration, folder);
  ports.accepted = keep_for_the_night(wired.config_file, std::move(loaded), ports);
  wired.service = std::make_unique<engine::Service>(std::move(ports));
  return wired;
}

}  // namespace

std::filesystem::path beside(const std::filesystem::path& ledger, std::string_view suffix) {
  std::filesystem::path path = ledger;
  path += suffix;
  return path;
}

std::filesystem::path absolute(const std::string& typed) {
  std::error_code ignored;
  auto path = std::filesystem::absolute(typed, ignored).lexically_normal();
  return ignored ? std::filesystem::path(typed) : path;
}

Result<std::filesystem::path> ledger_of(const Places& places) {
  if (places.ledger) return absolute(*places.ledger);
  auto file = config::find(places.config, environment("HAL9_CONFIG"));
  if (!file) return pass_on(file);
  auto loaded = config::load(*file);
  if (!loaded) return pass_on(loaded);
  return std::filesystem::path(loaded->configuration.ledger);
}

engine::Ports make_ports(
    const migration::Configuration& configuration, const std::filesystem::path& folder
) {
  const std::filesystem::path ledger = configuration.ledger;
  engine::Ports ports;
  ports.open_store = [ledger] { return sqlite::open(ledger); };
  ports.open_reader = [ledger] { return sqlite::open_to_read(ledger); };
  ports.router = make_router(configuration, ledger, folder);
  ports.environment = system::make_environment();
  ports.raise_lock = system::make_file_lock(beside(ledger, ".raise.lock"), ledger);
  ports.executor_lock = system::make_file_lock(beside(ledger, ".executor.lock"), ledger);
  ports.forward_lock = system::make_file_lock(beside(ledger, ".forward.lock"), ledger);
  ports.hooks = system::make_hook_runner(beside(ledger, ".hook.lock"), ledger, folder);
  ports.spool = make_spool(ledger);
  ports.seals = make_seals(configuration, ledger, folder);
  ports.objects = objects::make_objects(ledger);
  ports.sqlite_version = sqlite::library_version();
  ports.configuration = configuration;
  return ports;
}

std::filesystem::path break_glass_path(const std::filesystem::path& config_file) {
  const std::string name = config_file.stem().string();
  return config_file.parent_path() / ((name == "hal9" ? "" : name + ".") + "break-glass.sh");
}

std::function<void(bool anew)> keep_for_the_night(
    const std::filesystem::path& config_file, config::Loaded loaded, const engine::Ports& ports
) {
  const std::filesystem::path ledger = ports.configuration.ledger;
  return [config_file, loaded = std::move(loaded), ledger, glass = ports.router->break_glass()](
             bool anew
         ) {
    // What cannot be written here costs a night with a broken hal9.yaml, not this command.
    if (anew || (!loaded.from_copy && !loaded.key.empty()) || !config::has_accepted(config_file)) {
      std::ignore = config::keep_accepted(config_file, loaded);
    }
    const auto script = break_glass_path(config_file);
    std::error_code ignored;
    if (anew || !std::filesystem::exists(script, ignored)) {
      std::ignore = write_break_glass(script, ledger, glass);
    }
  };
}

namespace {

// Where hal9.yaml itself lies, however it was come to: by a link its programs would find other files.
std::filesystem::path folder_of_programs(const std::filesystem::path& file) {
  std::error_code failed;
  const auto itself = std::filesystem::weakly_canonical(file, failed);
  return (failed ? file : itself).parent_path();
}

}  // namespace

Result<Wired> wire(const Places& places) {
  auto file = config::find(places.config, environment("HAL9_CONFIG"));
  if (!file) return pass_on(file);
  auto loaded = config::load(*file);
  if (!loaded) return pass_on(loaded);
  const auto folder = folder_of_programs(*file);
  return put_together(places, std::move(*file), std::move(*loaded), folder);
}

std::string as_owner(const Places& places) {
  const auto file = config::find(places.config, environment("HAL9_CONFIG"));
  return file ? system::as_its_owner(*file) : std::string();
}

Result<Wired> wire_for_lowering(const Places& places) {
  auto file = config::find(places.config, environment("HAL9_CONFIG"));
  std::filesystem::path where =
      file ? *file
           : absolute(places.config.value_or(environment("HAL9_CONFIG").value_or("hal9.yaml")));
  std::optional<Error> broken;
  if (file) {
    auto loaded = config::load(*file);
    if (loaded) {
      return put_together(places, std::move(where), std::move(*loaded), folder_of_programs(*file));
    }
    broken = loaded.error();
  } else {
    broken = file.error();
  }
  const auto ledger = typed_ledger(places);
  auto fallback = accepted_last(where, ledger);
  if (!fallback) {
    // A copy that is not there is no news; one that may not be used is.
    if (fallback.error().code != Code::missing) {
      const Error& why = fallback.error();
      broken->why += (broken->why.empty() ? "" : "; ") + why.what + ": " + why.why;
    }
    return tl::unexpected<Error>(std::move(*broken));
  }
  auto folder = folder_of_programs(where);
  if (!file && ledger && !config::has_accepted(where)) {
    // Where hal9.yaml never was its programs do not run: beside the ledger is where it mostly is.
    folder = ledger->parent_path();
    if (fallback->configuration.exec) {
      fallback->said += "; its program runs in " + folder.string() + ", the ledger's folder";
    }
  }
  auto wired = put_together(
      places, std::move(where), {std::move(fallback->configuration), {}, false}, folder
  );
  wired.warnings.push_back(
      broken->what + (broken->why.empty() ? "" : " (" + broken->why + ")") + "; " + fallback->said
  );
  return wired;
}

}  // namespace hal9::wiring
