// Gates: what is looked at before traffic goes forward. The engine looks; decide judges what it saw.
// Frozen words.
#pragma once

#include <cstdint>
#include <string>

namespace hal9::migration {

enum class GateName : std::uint8_t {
  spool,
  halt,
  router,
  flat,
  health,
  triggers,
  checkpoint,
  watchdog,
  restore
};
enum class GateOutcome : std::uint8_t { passed, failed, unknown, not_checked };

struct Gate {
  GateName name = GateName::spool;
  GateOutcome outcome = GateOutcome::not_checked;
  std::string evidence;  // what was seen, one sentence
  bool overridden = false;
  bool operator==(const Gate&) const = default;
};

std::string to_text(GateName name);
std::string to_text(GateOutcome outcome);

// failed and unknown block; not_checked only under strict gates; an overridden one never does.
bool blocks(const Gate& gate, bool strict);

}  // namespace hal9::migration
