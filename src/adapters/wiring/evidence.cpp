#include "adapters/ledger_only/ledger_only_router.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/wiring/parts.h"
#include "adapters/wiring/wiring.h"
#include "base/name.h"
#include "base/result.h"
#include "engine/accepted.h"
#include "engine/fold.h"
#include "engine/service.h"
#include "ledger/store.h"
#include "migration/configuration.h"
#include "migration/state.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace hal9::wiring {

namespace {

tl::unexpected<Error> is_evidence(const std::filesystem::path& ledger) {
  return fail(
      Code::read_only,
      ledger.string() + " is opened as evidence",
      "with --immutable nothing is written",
      "nothing was changed"
  );
}

// What it is of, by its own word.
Result<migration::Configuration> configuration_in(
    ledger::Reader& reader, const std::filesystem::path& ledger
) {
  auto head = reader.head();
  if (!head) return pass_on(head);
  auto state = engine::state_at(reader, head->sequence);
  if (!state) return pass_on(state);
  auto accepted = engine::accepted_configuration(reader, *state);
  if (!accepted) return pass_on(accepted);
  migration::Configuration configuration = accepted->value_or(migration::Configuration{});
  auto name = Name::parse(reader.name());
  if (!name) return pass_on(name);
  configuration.name = std::move(*name);
  configuration.ledger = ledger.string();
  configuration.router = migration::RouterKind::ledger_only;
  // Witnesses are places of the machine that it is from, and what a file says is never run.
  configuration.seal_witnesses.reset();
  configuration.seal_commands.reset();
  return configuration;
}

}  // namespace

Result<Wired> wire_evidence(const Places& places) {
  auto ledger = ledger_of(places);
  if (!ledger) return pass_on(ledger);
  auto reader = sqlite::open_as_evidence(*ledger);
  if (!reader) return pass_on(reader);
  auto configuration = configuration_in(**reader, *ledger);
  if (!configuration) return pass_on(configuration);
  engine::Ports ports = make_ports(*configuration, {});
  ports.open_store = [file = *ledger]() -> Result<std::unique_ptr<ledger::Store>> {
    return is_evidence(file);
  };
  ports.open_reader = [file = *ledger] { return sqlite::open_as_evidence(file); };
  ports.router = ledger_only::make_router(ports.configuration, [file = *ledger] {
    auto opened = sqlite::open_as_evidence(file);
    if (!opened) return migration::State{};
    auto head = (*opened)->head();
    if (!head) return migration::State{};
    return engine::state_at(**opened, head->sequence).value_or(migration::State{});
  });
  Wired wired;
  wired.ledger_file = *ledger;
  wired.service = std::make_unique<engine::Service>(std::move(ports));
  return wired;
}

}  // namespace hal9::wiring
