#include "ledger/proof.h"

#include "base/result.h"
#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::ledger {

namespace {

tl::unexpected<Error> not_the_head(std::uint64_t size) {
  return fail(
      Code::damaged,
      fmt::format("the first {} events do not lead to the head's root", size),
      "a line or an interior node is not what was hashed",
      "nothing was changed; no proof can be given",
      "hal9-migrate ledger verify"
  );
}

tl::unexpected<Error> beyond(std::uint64_t wanted, std::uint64_t end) {
  return fail(
      Code::usage,
      fmt::format("there is no event {}", wanted),
      end == 0 ? "the ledger is empty" : fmt::format("the ledger has events 1 to {}", end),
      "nothing was changed",
      end == 0 ? "hal9-migrate status" : fmt::format("hal9-migrate ledger prove {}", end)
  );
}

tl::unexpected<Error> not_within(std::uint64_t wanted, std::uint64_t size) {
  return fail(
      Code::usage,
      fmt::format("event {} is not one of the first {}", wanted, size),
      "an event is proven in a ledger that holds it",
      "nothing was changed",
      fmt::format("hal9-migrate ledger prove {0} --size {0}", wanted)
  );
}

tl::unexpected<Error> backwards(std::uint64_t old_size, std::uint64_t new_size) {
  return fail(
      Code::usage,
      fmt::format("{} events are more than {}", old_size, new_size),
      "the earlier size comes first",
      "nothing was changed",
      fmt::format("hal9-migrate ledger prove --consistency {} {}", new_size, old_size)
  );
}

// What belongs to one state of the ledger, whoever writes meanwhile.
class Prover {
 public:
  explicit Prover(Reader& reader)
      : reader_(reader), nodes_([this](std::uint32_t level, std::uint64_t index) {
          return reader_.node(level, index);
        }) {}

  Result<void> inclusion(InclusionProof& proof, std::optional<std::uint64_t> size) {
    if (auto known = look(); !known) return known;
    proof.size = size.value_or(end_);
    const std::uint64_t at = proof.sequence.value;
    if (at == 0 || at > end_) return beyond(at, end_);
    if (proof.size > end_) return beyond(proof.size, end_);
    if (at > proof.size) return not_within(at, proof.size);
    auto root = proven_root(proof.size);
    if (!root) return pass_on(root);
    proof.root = *root;
    if (auto read = read_line(proof); !read) return read;
    auto path = inclusion_path(at - 1, proof.size, nodes_);
    if (!path) return pass_on(path);
    proof.path = std::move(*path);
    if (!verify_inclusion(proof.leaf, at - 1, proof.size, proof.path, proof.root)) {
      return not_the_head(proof.size);
    }
    return {};
  }

  Result<void> consistency(ConsistencyProof& proof, std::optional<std::uint64_t> new_size) {
    if (auto known = look(); !known) return known;
    proof.new_size = new_size.value_or(end_);
    for (const std::uint64_t size : {proof.old_size, proof.new_size}) {
      if (size == 0 || size > end_) return beyond(size, end_);
    }
    if (proof.old_size > proof.new_size) return backwards(proof.old_size, proof.new_size);
    auto older = root_at(proof.old_size, nodes_);
    if (!older) return pass_on(older);
    proof.old_root = *older;
    auto newer = proven_root(proof.new_size);
    if (!newer) return pass_on(newer);
    proof.new_root = *newer;
    auto path = consistency_path(proof.old_size, proof.new_size, nodes_);
    if (!path) return pass_on(path);
    proof.path = std::move(*path);
    if (!holds(proof)) return not_the_head(proof.old_size);
    return {};
  }

 private:
  Result<void> look() {
    auto head = reader_.head();
    if (!head) return pass_on(head);
    end_ = head->sequence.value;
    root_ = head->root;
    return {};
  }

  static bool holds(const ConsistencyProof& proof) {
    return verify_consistency(
        proof.old_size, proof.new_size, proof.path, proof.old_root, proof.new_root
    );
  }

  // The root of the first `size` events, and that the head continues it.
  Result<Digest> proven_root(std::uint64_t size) {
    auto root = root_at(size, nodes_);
    if (!root) return pass_on(root);
    auto path = consistency_path(size, end_, nodes_);
    if (!path) return pass_on(path);
    if (!verify_consistency(size, end_, *path, *root, root_)) return not_the_head(size);
    return root;
  }

  Result<void> read_line(InclusionProof& proof) {
    Filter filter;
    filter.from = filter.to = proof.sequence;
    bool found = false;
    auto read = reader_.scan(filter, [&](Sequence, std::string_view line) {
      proof.line = line;
      found = true;
      return false;
    });
    if (!read) return read;
    if (!found) return not_the_head(proof.size);
    proof.leaf = leaf_hash(proof.line);
    return {};
  }

  Reader& reader_;
  NodeSource nodes_;
  std::uint64_t end_ = 0;
  Digest root_{};
};

}  // namespace

Result<InclusionProof> prove_inclusion(
    Reader& reader, Sequence sequence, std::optional<std::uint64_t> size
) {
  InclusionProof proof;
  proof.sequence = sequence;
  auto made = reader.steady([&] { return Prover(reader).inclusion(proof, size); });
  if (!made) return pass_on(made);
  return proof;
}

Result<ConsistencyProof> prove_consistency(
    Reader& reader, std::uint64_t old_size, std::optional<std::uint64_t> new_size
) {
  ConsistencyProof proof;
  proof.old_size = old_size;
  auto made = reader.steady([&] { return Prover(reader).consistency(proof, new_size); });
  if (!made) return pass_on(made);
  return proof;
}

}  // namespace hal9::ledger
