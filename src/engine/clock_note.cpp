#include "engine/clock_note.h"

#include "base/time.h"
#include "ledger/line.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

std::optional<std::string> clock_note(const std::vector<ledger::Event>& events, Time now) {
  using std::chrono::seconds;
  if (events.empty()) return {};
  const auto behind = std::chrono::duration_cast<seconds>(events.back().recorded - now);
  if (behind <= seconds{1}) return {};
  return fmt::format(
      "the clock stands {} behind the ledger: it was put back, or was ahead when the events before "
      "this one were recorded; recorded times go on from there",
      to_text(Micros{behind})
  );
}

}  // namespace hal9::engine
