// What a ledger's file is: opened; and its snapshots made again.
#include "base/result.h"
#include "base/sha256.h"
#include "engine/fold.h"
#include "engine/kept_seals.h"
#include "engine/rebuild.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <string_view>
#include <utility>

namespace hal9::engine {

Result<OpenedView> Service::opened() {
  const Ports& ports = parts_->ports;
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  OpenedView view;
  view.where = whereabouts();
  view.name = (*reader)->name();
  const KeptSeals kept = read_seals(ports.seals, view.name);
  auto head = (*reader)->head();
  if (!head) return pass_on(head);
  view.head = head->sequence;
  view.root = to_hex(head->root);
  view.format = head->least_reader;
  if (view.head.value != 0) view.last = head->recorded;
  auto first = (*reader)->scan_rows(
      ledger::Sequence{1},
      [&](ledger::Sequence, std::string_view, const ledger::Columns& columns) {
        view.first = columns.recorded;
        return false;
      }
  );
  if (!first) return pass_on(first);
  auto state = state_at(**reader, view.head);
  if (!state) return pass_on(state);
  view.phase = state->phase;
  auto seals = check_seals(**reader, kept);
  if (!seals) return pass_on(seals);
  view.seals = std::move(*seals);
  return view;
}

Result<RebuiltView> Service::rebuild_snapshots() {
  const Ports& ports = parts_->ports;
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  auto store = ports.open_store();
  if (!store) return pass_on(store);
  auto rebuilt = engine::rebuild_snapshots(**reader, **store);
  if (!rebuilt) return pass_on(rebuilt);
  return RebuiltView{
      whereabouts(), rebuilt->up_to, rebuilt->snapshots, std::move(rebuilt->state_digest)
  };
}

}  // namespace hal9::engine
