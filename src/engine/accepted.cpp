#include "engine/accepted.h"

#include "base/result.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/state.h"

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace hal9::engine {

Result<std::optional<migration::Configuration>> accepted_configuration(
    ledger::Reader& reader, const migration::State& state
) {
  ledger::Filter filter;
  filter.from = filter.to = state.configuration_at;
  std::optional<migration::Configuration> accepted;
  auto read = reader.scan(filter, [&](ledger::Sequence, std::string_view line) {
    const auto event = ledger::decode(line);
    if (!event) return false;
    auto fact = migration::decode_fact(event->draft.type, event->draft.data);
    if (!fact) return false;
    if (auto* found = std::get_if<migration::ConfigurationAccepted>(&*fact)) {
      accepted = std::move(found->configuration);
    }
    return false;
  });
  if (!read) return pass_on(read);
  return accepted;
}

}  // namespace hal9::engine
