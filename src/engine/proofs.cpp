// Proofs out of the ledger as it stands. Pure reading.
#include "base/result.h"
#include "base/sha256.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/proof.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace hal9::engine {

Result<InclusionView> Service::prove(ledger::Sequence sequence, std::optional<std::uint64_t> size) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto proof = ledger::prove_inclusion(**reader, sequence, size);
  if (!proof) return pass_on(proof);
  return InclusionView{whereabouts(), std::move(*proof)};
}

Result<ConsistencyView> Service::prove_consistency(
    std::uint64_t old_size, std::optional<std::uint64_t> new_size
) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto proof = ledger::prove_consistency(**reader, old_size, new_size);
  if (!proof) return pass_on(proof);
  return ConsistencyView{whereabouts(), std::move(*proof)};
}

Result<std::optional<Digest>> Service::root_of(std::uint64_t size) {
  auto reader = parts_->ports.open_reader();
  if (!reader) return pass_on(reader);
  auto head = (*reader)->head();
  if (!head) return pass_on(head);
  if (size > head->sequence.value) return std::optional<Digest>();
  if (size == 0) return std::optional(ledger::empty_root());
  auto proof = ledger::prove_consistency(**reader, size, std::nullopt);
  if (!proof) return pass_on(proof);
  return std::optional(proof->old_root);
}

}  // namespace hal9::engine
