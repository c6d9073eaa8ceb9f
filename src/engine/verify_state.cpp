// Service::verify: the lines by the ledger's own check, and in the same pass the fold against every
// stored snapshot.
#include "base/result.h"
#include "base/sha256.h"
#include "engine/kept_objects.h"
#include "engine/kept_seals.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"
#include "migration/evolve.h"
#include "migration/state.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::engine {

Result<VerifyView> Service::verify() {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  VerifyView view;
  view.where = whereabouts();
  // Before the head: what is sealed meanwhile would look like a ledger that was cut off.
  const KeptSeals kept = read_seals(parts_->ports.seals, (*reader)->name());
  auto head = (*reader)->head();
  if (!head) return pass_on(head);
  view.head = head->sequence;
  view.root = to_hex(head->root);

  // A digest a snapshot, not its bytes: memory stays small on a long ledger.
  std::map<ledger::Sequence, Digest> snapshots;
  auto listed = (*reader)->scan_snapshots([&](const ledger::Snapshot& snapshot) {
    if (snapshot.fold == migration::kFold) snapshots[snapshot.sequence] = sha256(snapshot.state);
    return true;
  });
  if (!listed) return pass_on(listed);

  migration::State state;
  std::optional<ledger::Finding> wrong_snapshot;
  std::vector<NamedAt> objects;
  auto next = snapshots.begin();  // events come in order
  bool at_no_event = false;
  const auto fold = [&](const ledger::Event& event, std::string_view) {
    migration::evolve(state, event);
    if (const auto kept = object_in(event)) objects.emplace_back(event.sequence, *kept);
    for (; next != snapshots.end() && next->first < event.sequence; ++next) at_no_event = true;
    if (next == snapshots.end() || next->first != event.sequence) return;
    const auto snapshot = next++;
    ++view.snapshots;
    if (!wrong_snapshot && sha256(migration::encode_state(state)) != snapshot->second) {
      wrong_snapshot = ledger::Finding{event.sequence, "the snapshot is not the fold of the lines"};
    }
  };
  auto verified = ledger::verify(**reader, fold, parts_->ports.environment->random());
  if (!verified) return pass_on(verified);
  view.lines = std::move(*verified);
  // It would be the state of whatever comes to stand there.
  if ((at_no_event || next != snapshots.end()) && !wrong_snapshot) {
    wrong_snapshot = ledger::Finding{{}, "a snapshot is at no event"};
  }
  view.state_digest = migration::state_digest(state);
  view.finding = view.lines.finding ? view.lines.finding : wrong_snapshot;
  view.snapshots_alone = !view.lines.finding && wrong_snapshot.has_value();
  auto seals = check_seals(**reader, kept);
  if (!seals) return pass_on(seals);
  view.seals = std::move(*seals);
  if (!view.finding) view.finding = view.seals.finding;
  view.objects = check_objects(*parts_->ports.objects, objects);
  if (!view.finding) view.finding = view.objects.finding;
  return view;
}

}  // namespace hal9::engine
