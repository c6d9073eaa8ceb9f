#include "engine/kept_seals.h"

#include "base/result.h"
#include "base/sha256.h"
#include "engine/seals.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/note.h"
#include "ledger/seal.h"
#include "ledger/store.h"
#include "ledger/tree.h"
#include "ledger/verify.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

void find(KeptSeals& kept, std::string what) {
  if (!kept.finding) kept.finding = ledger::Finding{{}, std::move(what)};
}

// A witness may keep the seals of several ledgers: those of another name are none of ours.
void read_place(KeptSeals& kept, SealPlace& place, bool witness, const std::string& origin) {
  KeptPlace& read = kept.places.emplace_back();
  read.place = &place;
  read.witness = witness;
  const auto notes = place.read();
  if (!notes) {
    read.problem =
        notes.error().what + (notes.error().why.empty() ? std::string() : ": " + notes.error().why);
    return;
  }
  for (const std::string& note : *notes) {
    auto seal = ledger::parse_seal(note);
    if (seal && witness && seal->head.origin != origin) continue;
    if (seal) {
      read.seals.push_back(std::move(*seal));
    } else {
      find(kept, place.location() + " holds a file that is no seal: " + seal.error().why);
    }
  }
  // What introduces a key comes before what that key signs.
  std::ranges::sort(read.seals, [](const ledger::Seal& one, const ledger::Seal& other) {
    if (one.head.size != other.head.size) return one.head.size < other.head.size;
    return one.next_key.has_value() && !other.next_key.has_value();
  });
}

void leave_newest(KeptPlace& place, std::size_t newest) {
  std::size_t older = place.seals.size() - std::min(place.seals.size(), newest);
  std::erase_if(place.seals, [&](const ledger::Seal& seal) {
    if (older == 0) return false;
    --older;
    return !seal.next_key.has_value();
  });
}

// Takes those of `seals` that the chain takes, as often as one of them introduces a key that another
// one needs; the rest are left in it, `why` each. All are of one size.
std::vector<std::string> take_what_fits(
    ledger::KeyChain& chain, std::vector<ledger::Seal>& seals, std::vector<ledger::Seal>& good
) {
  std::vector<std::string> why;
  for (bool introduced = true; introduced;) {
    introduced = false;
    why.clear();
    std::vector<ledger::Seal> rest;
    for (ledger::Seal& seal : seals) {
      if (auto taken = chain.take(seal); taken) {
        introduced = introduced || seal.next_key.has_value();
        good.push_back(std::move(seal));
      } else {
        why.push_back(taken.error().why);
        rest.push_back(std::move(seal));
      }
    }
    seals = std::move(rest);
    if (seals.empty()) break;
  }
  return why;
}

// Keys are introduced by the seals beside the ledger; a witness's are judged by them. Two who rotate
// at once leave two rotations of one end, and only their keys say which was the first.
void judge(KeptSeals& kept, KeptPlace& place) {
  std::vector<ledger::Seal> good;
  ledger::KeyChain* const chain = kept.keys ? &*kept.keys : nullptr;
  if (chain == nullptr && !place.seals.empty()) {
    find(kept, "there are seals, and the ledger's first key is gone");
    place.seals.clear();
  }
  for (auto first = place.seals.begin(); first != place.seals.end();) {
    const std::uint64_t size = first->head.size;
    const auto end = std::find_if(first, place.seals.end(), [&](const ledger::Seal& seal) {
      return seal.head.size != size;
    });
    std::vector<ledger::Seal> of_one_size(
        std::make_move_iterator(first), std::make_move_iterator(end)
    );
    for (const std::string& why : take_what_fits(*chain, of_one_size, good)) {
      find(
          kept, fmt::format("the seal of {} events at {}: {}", size, place.place->location(), why)
      );
    }
    first = end;
  }
  place.seals = std::move(good);
}

}  // namespace

KeptSeals read_seals(
    const SealPorts& ports, std::string_view name, std::optional<std::size_t> newest
) {
  KeptSeals kept;
  const auto read = ports.keys->read_first();
  if (!read) {
    find(kept, read.error().what);
  } else if (const std::optional<std::string>& first = *read) {
    auto key = ledger::parse_verifier(*first);
    if (key && key->name == ledger::seal_origin(name)) {
      kept.keys.emplace(std::move(*key));
    } else {
      find(kept, "the ledger's first key cannot be read: " + ports.keys->location());
    }
  }
  kept.places.reserve(1 + ports.witnesses.size());
  const std::string origin = ledger::seal_origin(name);
  read_place(kept, *ports.own, false, origin);
  for (const auto& witness : ports.witnesses) read_place(kept, *witness, true, origin);
  for (KeptPlace& place : kept.places) {
    if (newest) leave_newest(place, *newest);
    judge(kept, place);
  }
  return kept;
}

Result<Digest> root_of_first(ledger::Reader& reader, std::uint64_t size) {
  return ledger::root_at(size, [&](std::uint32_t level, std::uint64_t index) {
    return reader.node(level, index);
  });
}

Result<std::optional<Digest>> root_of_lines(ledger::Reader& reader, std::uint64_t size) {
  ledger::Frontier frontier;
  auto read = reader.scan_rows(
      {1},
      [&](ledger::Sequence sequence, std::string_view line, const ledger::Columns&) {
        if (sequence.value != frontier.size() + 1 || sequence.value > size) return false;
        frontier.append(ledger::leaf_hash(line));
        return frontier.size() < size;
      }
  );
  if (!read) return pass_on(read);
  if (frontier.size() != size) return std::optional<Digest>();
  return std::optional<Digest>(frontier.root());
}

Result<SealCheck> check_seals(ledger::Reader& reader, const KeptSeals& kept) {
  auto head = reader.head();
  if (!head) return pass_on(head);
  const std::uint64_t events = head->sequence.value;
  SealCheck check;
  const auto find_at = [&](std::uint64_t sequence, std::string what) {
    if (!check.finding) check.finding = ledger::Finding{{sequence}, std::move(what)};
  };
  for (const KeptPlace& place : kept.places) {
    SealPlaceView view{place.place->location(), place.witness, {}, place.problem};
    if (!place.problem.empty()) check.complete = false;
    std::uint64_t held = 0;
    for (const ledger::Seal& seal : place.seals) {
      const std::uint64_t size = seal.head.size;
      view.up_to = std::max(view.up_to.value_or(0), size);
      if (size > events) {
        find_at(
            events + 1,
            fmt::format(
                "{} events were sealed ({}) and {} are there: the end is missing, or an older "
                "file was put back",
                size,
                view.location,
                events
            )
        );
        continue;
      }
      auto root = root_of_first(reader, size);
      // The head says that these events are there.
      if (!root && root.error().code == Code::usage) {
        find_at(
            held + 1,
            fmt::format(
                "an event of {} to {}, which were sealed, is missing ({})",
                held + 1,
                size,
                view.location
            )
        );
        continue;
      }
      if (!root) return pass_on(root);
      if (*root != seal.head.root) {
        find_at(
            held + 1,
            fmt::format(
                "an event of {} to {} is not what was sealed ({})", held + 1, size, view.location
            )
        );
        continue;
      }
      held = size;
      ++check.seals;
      check.sealed_to = std::max(check.sealed_to.value_or(0), size);
      if (place.witness) check.witnessed_to = std::max(check.witnessed_to.value_or(0), size);
    }
    check.places.push_back(std::move(view));
  }
  // A file that is no seal stands behind what is wrong with the ledger: anybody can leave one.
  if (!check.finding) check.finding = kept.finding;
  return check;
}

}  // namespace hal9::engine
