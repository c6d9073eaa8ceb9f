// Which configuration a way back goes by when hal9.yaml cannot be read.
#include "adapters/config/config_file.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/system.h"
#include "adapters/wiring/parts.h"
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "engine/accepted.h"
#include "engine/fold.h"
#include "migration/codec.h"
#include "migration/configuration.h"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace hal9::wiring {

namespace {

constexpr const char* kAcceptedLast = "the configuration that was accepted last is used";

// What the ledger's last event of that kind says, for the ledger that lies here.
std::optional<migration::Configuration> accepted_by(const std::filesystem::path& ledger) {
  auto reader = sqlite::open_to_read(ledger);
  if (!reader) return {};
  auto head = (*reader)->head();
  if (!head) return {};
  auto state = engine::state_at(**reader, head->sequence);
  if (!state) return {};
  auto accepted = engine::accepted_configuration(**reader, *state);
  if (!accepted) return {};
  auto& configuration = *accepted;
  if (configuration) configuration->ledger = ledger.string();
  return std::move(configuration);
}

bool same(migration::Configuration copy, const migration::Configuration& recorded) {
  copy.ledger = recorded.ledger;
  return migration::digest_of(copy) == migration::digest_of(recorded);
}

}  // namespace

std::filesystem::path copy_of_accepted(const Wired& wired) {
  return config::accepted_path(wired.config_file);
}

bool copy_is_current(const Wired& wired) {
  const auto copy = config::load_accepted(wired.config_file);
  return copy && same(*copy, wired.service->configuration());
}

Result<Fallback> accepted_last(
    const std::filesystem::path& config_file, const std::optional<std::filesystem::path>& ledger
) {
  auto copy = config::load_accepted(config_file);
  std::optional<std::filesystem::path> place = ledger;
  if (!place && copy) place = copy->ledger;
  auto recorded = place ? accepted_by(*place) : std::nullopt;
  if (recorded && copy && same(*copy, *recorded)) return Fallback{std::move(*copy), kAcceptedLast};
  // Whoever can write the ledger could name any socket in it.
  if (recorded && system::is_trusted(*place)) return Fallback{std::move(*recorded), kAcceptedLast};
  if (!copy) return pass_on(copy);
  const std::string file = config::accepted_path(config_file).string();
  if (recorded) {
    return Fallback{
        std::move(*copy),
        file +
            " is used, and the ledger has accepted another configuration since: what that one "
            "adds is not looked at"
    };
  }
  return Fallback{
      std::move(*copy),
      file +
          " is used, a configuration that was accepted last when it was written: the ledger "
          "cannot be read to see whether it has accepted another one since"
  };
}

}  // namespace hal9::wiring
