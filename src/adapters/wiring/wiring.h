// Puts the adapters together into a Service: the one folder that sees them all.
#pragma once

#include "base/result.h"
#include "base/sha256.h"
#include "engine/service.h"
#include "engine/views.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::wiring {

// Where things are, as the command line and the environment say.
struct Places {
  std::optional<std::string> config;  // --config
  std::optional<std::string> ledger;  // --ledger, HAL9_LEDGER: goes before the configuration's
};

struct Wired {
  std::unique_ptr<engine::Service> service;
  std::filesystem::path config_file;
  std::filesystem::path ledger_file;
  std::vector<std::string> warnings;  // "hal9.yaml is broken; the last accepted one is used"
};

// For everything but an emergency: a broken configuration is an error.
Result<Wired> wire(const Places& places);
// For ways back: falls back on the last accepted configuration when hal9.yaml is broken or gone,
// and says so in the warnings.
Result<Wired> wire_for_lowering(const Places& places);
// For root in another user's folder, whose configuration root does not act upon: what to put before
// a line so that it runs as that user. Empty: this is no such case.
std::string as_owner(const Places& places);

// A ledger as evidence, on whatever medium: by its own word what it is of, no configuration, no lock,
// nothing made beside it, no router that moves anything. It takes no command. Without
// places.ledger: the configuration's. Errors: missing, read_only (a WAL beside it), as reading.
Result<Wired> wire_evidence(const Places& places);

// `ledger backup`: one state of the ledger, whoever writes meanwhile, with its seals and objects and
// without its signing key, as the new folder `folder`; there as a whole, verified, or not at all.
// Errors: conflict (something is there), full, negative (the copy does not verify), as reading.
Result<engine::BackupView> backup(const Wired& wired, const std::filesystem::path& folder);

// `ledger import`: an export becomes a ledger where none is; there as a whole, verified, or not at
// all. take() each line, then finish().
class Import {
 public:
  // Where it would be: places.ledger, else the configuration's. Errors: conflict (one is there).
  static Result<Import> begin(const Places& places);
  Import(Import&&) noexcept;
  Import& operator=(Import&&) = delete;
  Import(const Import&) = delete;
  Import& operator=(const Import&) = delete;
  ~Import();

  // Errors as engine::Importer's; nothing can follow one.
  Result<void> take(std::string_view line);
  // `root`: what its root has to be, as somebody kept it. Errors: negative (another root, or it does
  // not verify), usage (no line), full.
  Result<engine::ImportedView> finish(const std::optional<Digest>& root);

 private:
  struct Parts;
  explicit Import(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// break-glass.sh beside hal9.yaml (NAME.break-glass.sh beside NAME.yaml): what an emergency does, as
// shell lines. Written anew whenever another configuration is accepted, so that it names today's
// balancers.
std::filesystem::path break_glass_path(const std::filesystem::path& config_file);

// The copy that a way back goes by where neither hal9.yaml nor the ledger can be read, and whether it
// is what this process goes by. Another user's folder takes none.
std::filesystem::path copy_of_accepted(const Wired& wired);
bool copy_is_current(const Wired& wired);

// `init`: hal9.yaml (commented), the ledger with its first events, the break-glass file, the spool
// and the lock files in `folder`. Refuses to overwrite any of them but the last (conflict, names
// it; nothing was made). By root in a user's folder all of it is the user's, except hal9.yaml: that
// stays root's, for the group to read.
struct Made {
  std::vector<std::filesystem::path> files;
};
Result<Made> init(const std::filesystem::path& folder, const std::string& name);

}  // namespace hal9::wiring
