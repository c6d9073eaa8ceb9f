// What is asked about seals: seals, keys, check_seal.
#include "base/result.h"
#include "base/sha256.h"
#include "engine/kept_seals.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/note.h"
#include "ledger/seal.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

SealRow row_of(const ledger::Seal& seal, const std::string& location) {
  SealRow row{seal.head.size, to_hex(seal.head.root), {}, {}, location};
  for (const auto& signature : seal.note.signatures) {
    row.keys.push_back(ledger::to_text(signature.id));
  }
  if (seal.next_key) row.next_key = ledger::to_text(seal.next_key->id);
  return row;
}

tl::unexpected<Error> no_seal(const Error& error) {
  return fail(
      Code::damaged,
      error.what,
      error.why,
      "the ledger was not looked at",
      "hal9-migrate ledger seals"
  );
}

}  // namespace

Result<SealsView> Service::seals() {
  const Ports& ports = parts_->ports;
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  SealsView view;
  view.where = whereabouts();
  const KeptSeals kept = read_seals(ports.seals, (*reader)->name());
  auto check = check_seals(**reader, kept);
  if (!check) return pass_on(check);
  view.check = std::move(*check);
  for (const KeptPlace& place : kept.places) {
    for (const ledger::Seal& seal : place.seals) {
      view.seals.push_back(row_of(seal, place.place->location()));
    }
  }
  std::ranges::sort(view.seals, {}, [](const SealRow& row) {
    return std::tie(row.size, row.location);
  });
  return view;
}

Result<KeysView> Service::keys() {
  const Ports& ports = parts_->ports;
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  const KeptSeals kept = read_seals(ports.seals, (*reader)->name());
  if (kept.finding) {
    return fail(
        Code::negative,
        "the ledger's keys cannot be told",
        kept.finding->what,
        "nothing was changed",
        "hal9-migrate ledger verify"
    );
  }
  KeysView view{whereabouts(), {}, {}};
  // What cannot be read beside the ledger may be what introduced a key.
  auto check = check_seals(**reader, kept);
  if (!check) return pass_on(check);
  if (const auto& beside = check->places.front(); !beside.problem.empty()) {
    view.places.push_back(beside);
  }
  if (!kept.keys) return view;
  for (const auto& use : kept.keys->uses()) {
    view.keys.push_back({ledger::to_text(use.key), use.from, use.retired});
  }
  return view;
}

Result<SealFileView> Service::check_seal(
    std::string_view bytes, const std::optional<std::string>& verifier
) {
  const Ports& ports = parts_->ports;
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  auto seal = ledger::parse_seal(bytes);
  if (!seal) return no_seal(seal.error());
  std::optional<ledger::KeyChain> keys;
  if (verifier) {
    auto key = ledger::parse_verifier(*verifier);
    if (!key) return pass_on(key);
    keys.emplace(std::move(*key));
  } else {
    keys = read_seals(ports.seals, (*reader)->name()).keys;
    if (!keys) {
      return no_seal(
          {Code::damaged,
           "it is not known who signs this ledger",
           "nothing was sealed here yet",
           {},
           {}}
      );
    }
  }
  if (auto taken = keys->take(*seal); !taken) return no_seal(taken.error());
  SealFileView view;
  view.where = whereabouts();
  view.head = seal->head;
  view.own_word = !verifier;
  const auto signer = std::ranges::find_if(keys->uses(), [&](const auto& use) {
    return ledger::is_signed_by(seal->note, use.key);
  });
  if (signer != keys->uses().end()) view.key = ledger::to_text(signer->key);
  auto head = (*reader)->head();
  if (!head) return pass_on(head);
  if (seal->head.size > head->sequence.value) return view;
  // By the lines: what the tree once hashed says nothing of what was done to them since.
  auto root = root_of_lines(**reader, seal->head.size);
  if (!root) return pass_on(root);
  if (const std::optional<Digest>& there = *root) view.root = to_hex(*there);
  return view;
}

}  // namespace hal9::engine
