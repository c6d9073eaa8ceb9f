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
#include <set>
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

// A witness may keep the seals of several ledgers: those of another name are none of ours. Whoever can
// leave a file there can leave any: one that is no seal says nothing of the ledger, and a seal says
// the same under every name.
void read_place(KeptSeals& kept, SealPlace& place, bool witness, const std::string& origin) {
  KeptPlace& read = kept.places.emplace_back();
  read.place = &place;
  read.witness = witness;
  const auto files = place.read();
  if (!files) {
    read.problem =
        files.error().what + (files.error().why.empty() ? std::string() : ": " + files.error().why);
    return;
  }
  std::set<std::string_view> seen;
  std::size_t number = 0;
  for (const KeptFile& file : *files) {
    ++number;
    const std::string called =
        file.name.empty() ? fmt::format("number {} of what it printed", number) : file.name;
    if (!file.problem.empty()) {
      read.strays.push_back(called + " cannot be read: " + file.problem);
      continue;
    }
    auto seal = ledger::parse_seal(file.bytes);
    if (!seal) {
      read.strays.push_back(called + " is no seal: " + seal.error().why);
      continue;
    }
    if (witness && seal->head.origin != origin) continue;
    if (const std::string name = ledger::seal_name(*seal);
        !file.name.empty() && file.name != name) {
      read.strays.push_back(fmt::format("{} holds the seal {}", called, name));
    }
    if (seen.insert(file.bytes).second) read.seals.push_back(std::move(*seal));
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

bool names_a_key_of(const ledger::KeyChain* chain, const ledger::Seal& seal) {
  if (chain == nullptr) return false;
  return std::ranges::any_of(seal.note.signatures, [&](const ledger::NoteSignature& signature) {
    const auto same = [&](const auto& use) { return use.key.id == signature.id; };
    return std::ranges::any_of(chain->uses(), same);
  });
}

// What of a witness is of our name and by no key of ours: which of two it is, nobody can tell here.
void find_another_key(
    KeptSeals& kept, const KeptPlace& place, const ledger::Seal& seal, const std::string& first_key
) {
  const std::string name = seal.head.origin.substr(ledger::seal_origin({}).size());
  find(
      kept,
      fmt::format(
          "what is at {} is signed by another key ({}): either another migration named {} keeps "
          "its seals there, and one of the two needs another folder or another name, or this "
          "ledger's first key ({}) and the seals beside it were taken away or replaced",
          place.place->location(),
          ledger::to_text(ledger::newest_key(seal)),
          name,
          first_key
      )
  );
}

// Keys are introduced by the seals beside the ledger; a witness's are judged by them. Two who rotate
// at once leave two rotations of one end, and only their keys say which was the first.
void judge(KeptSeals& kept, KeptPlace& place, const std::string& first_key) {
  std::vector<ledger::Seal> good;
  ledger::KeyChain* const chain = kept.keys ? &*kept.keys : nullptr;
  if (chain == nullptr && !place.seals.empty()) {
    if (place.witness) {
      find_another_key(kept, place, place.seals.back(), first_key);
    } else {
      find(kept, "there are seals, and the ledger's first key is gone: " + first_key);
    }
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
    const std::vector<std::string> why = take_what_fits(*chain, of_one_size, good);
    for (std::size_t i = 0; i < why.size(); ++i) {
      if (place.witness && !names_a_key_of(chain, of_one_size[i])) {
        find_another_key(kept, place, of_one_size[i], first_key);
      }
      find(
          kept,
          fmt::format("the seal of {} events at {}: {}", size, place.place->location(), why[i])
      );
    }
    first = end;
  }
  place.seals = std::move(good);
}

std::string problem_of(const KeptPlace& place) {
  constexpr std::size_t kNamed = 3;
  std::string said = place.problem;
  for (std::size_t i = 0; i < std::min(kNamed, place.strays.size()); ++i) {
    said += (said.empty() ? "" : "; ") + place.strays[i];
  }
  if (place.strays.size() <= kNamed) return said;
  return said + fmt::format("; and {} more files", place.strays.size() - kNamed);
}

}  // namespace

KeptSeals read_seals(
    const SealPorts& ports, std::string_view name, std::optional<std::size_t> newest
) {
  KeptSeals kept;
  const std::string first_key = ports.keys->first_location();
  const auto read = ports.keys->read_first();
  if (!read) {
    find(kept, read.error().what);
  } else if (const std::optional<std::string>& first = *read) {
    auto key = ledger::parse_verifier(*first);
    if (key && key->name == ledger::seal_origin(name)) {
      kept.keys.emplace(std::move(*key));
    } else {
      find(kept, "the ledger's first key cannot be read: " + first_key);
    }
  }
  kept.places.reserve(1 + ports.witnesses.size());
  const std::string origin = ledger::seal_origin(name);
  read_place(kept, *ports.own, false, origin);
  for (const auto& witness : ports.witnesses) read_place(kept, *witness, true, origin);
  for (KeptPlace& place : kept.places) {
    if (newest) leave_newest(place, *newest);
    judge(kept, place, first_key);
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
    SealPlaceView view{place.place->location(), place.witness, {}, problem_of(place)};
    if (!view.problem.empty()) check.complete = false;
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
  // A stranger's seal stands behind what is wrong with the ledger: anybody can leave one.
  if (!check.finding) check.finding = kept.finding;
  return check;
}

}  // namespace hal9::engine
