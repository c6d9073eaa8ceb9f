// A migration without a ledger and without a router: commands are decided, their facts go through
// the codec into evolve, and an executor that always succeeds reports what was requested.
#pragma once

#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/decide.h"
#include "migration/phase.h"
#include "migration/route.h"
#include "migration/state.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::migration::test {

// Precondition of each: the text is right.
Name name(std::string_view text);
Route route(std::string_view text);
inline Share percent(double value) {
  return Share::of_hundredths(static_cast<std::uint32_t>(std::lround(value * 100)));
}

// Regions us-west-2 and eu-west-1 with components substrate and cognitive; two features.
Configuration small_configuration();

class Bench {
 public:
  Bench();                // opened, with small_configuration()
  explicit Bench(State);  // goes on from there

  // The next command with this body: a new id, a second after the last one.
  Command command(CommandBody body);
  // Decides and folds.
  Result<std::vector<Decided>> ask(CommandBody body);
  Result<std::vector<Decided>> ask(const Command& command);
  // The same, then the executor to its end. Types of all facts, without `hal9.` and `.v1`.
  // A refusal fails the test.
  std::vector<std::string> run(CommandBody body);
  // Everything that is open, applied and read back at once.
  std::vector<std::string> settle();

  State state;
  Time now;

 private:
  std::uint64_t made_ = 0;
};

Move move(Phase phase, std::optional<Share> percentage = {});
RollBack rollback(std::optional<Phase> from = {}, std::optional<Share> percentage = {});
// An emergency that reached every route of the state.
RecordCut emergency(const Bench& bench, std::uint64_t id);

// `traffic.observed` of `hal9.traffic.observed.v1`.
std::vector<std::string> types(const std::vector<Decided>& decided);

// The first fact of the type. Precondition: it is there.
template <class T>
T fact(const std::vector<Decided>& decided) {
  for (const auto& one : decided) {
    if (const auto* found = std::get_if<T>(&one.fact)) return *found;
  }
  throw std::logic_error("the fact is not there");
}

// Event of a fact as a writer would make it.
ledger::Event event_of(const State& state, const Decided& decided, const Command& command);

}  // namespace hal9::migration::test
