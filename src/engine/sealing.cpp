// The doors that sign: seal, rotate_key; and whether it is time to.
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "engine/environment.h"
#include "engine/kept_seals.h"
#include "engine/lock.h"
#include "engine/seals.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/note.h"
#include "ledger/seal.h"
#include "ledger/store.h"
#include "migration/commands.h"
#include "migration/configuration.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

using ledger::SigningKey;

// Sealing is some milliseconds; whoever is at it is done by then.
constexpr std::chrono::milliseconds kSealWait{2000};
// A witness that hangs holds up one command in this time, not each.
constexpr Micros kTriedAgain = std::chrono::minutes(1);
// Of each place; verify looks at all of them.
constexpr std::size_t kLookedAtToSign = 16;

tl::unexpected<Error> not_sealed(Code code, std::string what, std::string why) {
  return fail(
      code, std::move(what), std::move(why), "nothing was signed", "hal9-migrate ledger verify"
  );
}

Result<SigningKey> new_key(Environment& environment, std::string_view ledger_name) {
  ledger::Ed25519Key seed{};
  const Bytes16 first = environment.random();
  const Bytes16 second = environment.random();
  std::ranges::copy(first, seed.begin());
  std::ranges::copy(second, seed.begin() + first.size());
  return ledger::make_signing_key(ledger::seal_origin(ledger_name), seed);
}

// The secret of the key that signs now. Two lines stand there while a key is changed; which of them
// it is says the chain, so that a change that was killed midway is over or has not begun.
Result<SigningKey> secret_of(SealKeys& keys, const ledger::VerifierKey& current) {
  auto lines = keys.read_secret();
  if (!lines) return pass_on(lines);
  const std::string held = lines->value_or("");
  std::string_view rest = held;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto key = ledger::parse_signing_key(rest.substr(0, end));
    if (key && key->verifier.key == current.key) return key;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fail(
      Code::missing,
      "the key that signs this ledger is not there",
      keys.location() + " does not hold the key " + ledger::to_text(current.id),
      "nothing was signed; what was sealed before still verifies",
      "hal9-migrate ledger keys"
  );
}

// The signing key; at the first time it is made. The secret is durable before anything names it.
Result<SigningKey> signing_key(
    const SealPorts& ports, Environment& environment, KeptSeals& kept, std::string_view name
) {
  if (const auto* keys = kept.chain()) return secret_of(*ports.keys, keys->current());
  auto key = new_key(environment, name);
  if (!key) return pass_on(key);
  if (auto put = ports.keys->write_secret(to_secret_text(*key) + "\n"); !put) return pass_on(put);
  if (auto put = ports.keys->write_first(to_text(key->verifier)); !put) return pass_on(put);
  kept.keys.emplace(key->verifier);
  return key;
}

// What is kept outside of the database has to be the beginning of what would be signed.
Result<SealCheck> may_sign(ledger::Reader& reader, const KeptSeals& kept) {
  auto check = check_seals(reader, kept);
  if (!check) return check;
  if (const auto& finding = check->finding) {
    // What is found at no event is a seal, and says nothing of the ledger.
    return not_sealed(
        Code::negative,
        finding->sequence.value == 0 ? "a seal that is kept is none of this ledger's"
                                     : "the ledger contradicts what was sealed before",
        finding->what
    );
  }
  const auto is_witness = [](const KeptPlace& place) { return place.witness; };
  const bool none = std::ranges::none_of(kept.places, [&](const KeptPlace& place) {
    return is_witness(place) && place.problem.empty();
  });
  if (none && std::ranges::any_of(kept.places, is_witness)) {
    const auto dead = std::ranges::find_if(kept.places, is_witness);
    return not_sealed(Code::unreachable, "no witness can be read", dead->problem);
  }
  if (const std::string& problem = kept.places.front().problem; !problem.empty()) {
    return not_sealed(Code::unreachable, "the seals beside the ledger cannot be read", problem);
  }
  return check;
}

// The rotations that a witness missed: with the first key alone, its seals are to be judged by it.
Result<void> bring_rotations(const KeptSeals& kept, const KeptPlace& witness) {
  for (const ledger::Seal& seal : kept.places.front().seals) {
    const auto& next = seal.next_key;
    const auto same = [&](const ledger::Seal& one) { return one.bytes == seal.bytes; };
    if (!next || std::ranges::any_of(witness.seals, same)) continue;
    auto put = witness.place->put(seal.head.size, ledger::to_text(next->id), seal.bytes);
    if (!put) return put;
  }
  return {};
}

// Brings a seal to every place that could be read and lacks it.
void keep(
    const KeptSeals& kept,
    SealView& view,
    std::uint64_t size,
    const std::string& key,
    const std::string& note
) {
  for (std::size_t i = 0; i < kept.places.size(); ++i) {
    SealPlaceView& place = view.places[i];
    if (!kept.places[i].problem.empty()) continue;
    Result<void> put = bring_rotations(kept, kept.places[i]);
    // Under another name than its own it may be there, and is not for whoever looks for it by that.
    const bool lacks = place.up_to.value_or(0) < size || !kept.places[i].strays.empty();
    if (put && lacks) put = kept.places[i].place->put(size, key, note);
    if (put) {
      place.up_to = size;
    } else {
      place.problem += (place.problem.empty() ? "" : "; ") + put.error().what;
      if (!put.error().why.empty()) place.problem += ": " + put.error().why;
    }
  }
}

struct Opened {
  std::unique_ptr<Lock::Held> lock;
  std::unique_ptr<ledger::Reader> reader;
  KeptSeals kept;
  SealCheck check;
  ledger::TreeHead head;
};

// A seal that no place has is none.
Result<void> kept_somewhere(const SealView& view) {
  const auto has = [&](const SealPlaceView& place) { return place.up_to.value_or(0) >= view.size; };
  if (std::ranges::any_of(view.places, has)) return {};
  return fail(
      Code::failed,
      "the seal could not be kept anywhere",
      view.places.front().problem,
      "the ledger is as it was, and not sealed up to its end",
      "hal9-migrate ledger seal"
  );
}

// The lock, and the ledger's end that may be signed.
Result<Opened> open_to_seal(Ports& ports) {
  Opened opened;
  auto reader = ports.open_reader();
  if (!reader) return pass_on(reader);
  opened.reader = std::move(*reader);
  const std::string name = opened.reader->name();
  auto lock = ports.seals.lock->acquire(kSealWait);
  if (!lock) return pass_on(lock);
  opened.lock = std::move(*lock);
  opened.kept = read_seals(ports.seals, name, kLookedAtToSign);
  auto check = may_sign(*opened.reader, opened.kept);
  if (!check) return pass_on(check);
  opened.check = std::move(*check);
  auto head = opened.reader->head();
  if (!head) return pass_on(head);
  if (head->sequence.value == 0) return not_sealed(Code::negative, "the ledger is empty", "");
  auto root = root_of_first(*opened.reader, head->sequence.value);
  if (!root) return pass_on(root);
  if (*root != head->root) {
    return not_sealed(
        Code::damaged,
        "the ledger's head does not say what its lines say",
        "the root of the lines is another one"
    );
  }
  opened.head = {ledger::seal_origin(name), head->sequence.value, head->root};
  return opened;
}

const ledger::Seal* newest_beside(const KeptSeals& kept) {
  const auto& seals = kept.places.front().seals;
  return seals.empty() ? nullptr : &seals.back();
}

// Whether the ledger begins with what was sealed. If it does not, an older file was put back, or
// another one: the attempt to seal says so.
bool is_beginning(ledger::Reader& reader, const ledger::TreeHead& sealed) {
  const auto root = root_of_first(reader, sealed.size);
  return root.has_value() && *root == sealed.root;
}

}  // namespace

Result<SealView> Service::seal() {
  Ports& ports = parts_->ports;
  auto opened = open_to_seal(ports);
  if (!opened) return pass_on(opened);
  auto& [lock, reader, kept, check, head] = *opened;
  SealView view{whereabouts(), head.size, to_hex(head.root), {}, {}, check.places};
  const ledger::Seal* newest = newest_beside(kept);
  if (newest != nullptr && newest->head.size == head.size) {
    view.key = ledger::to_text(ledger::newest_key(*newest));
    keep(kept, view, head.size, view.key, newest->bytes);
    std::ignore = ports.seals.own->set_tried({});
    return view;
  }
  auto key = signing_key(ports.seals, *ports.environment, kept, reader->name());
  if (!key) return pass_on(key);
  auto note = ledger::make_seal(head, *key);
  if (!note) return pass_on(note);
  view.key = ledger::to_text(key->verifier.id);
  view.note = std::move(*note);
  keep(kept, view, head.size, view.key, view.note);
  if (auto there = kept_somewhere(view); !there) return pass_on(there);
  std::ignore = ports.seals.own->set_tried({});
  return view;
}

bool Service::seal_is_due() {
  const Ports& ports = parts_->ports;
  const Time now = ports.environment->now();
  const auto tried = ports.seals.own->tried();
  // A clock that went back since then holds nothing up.
  if (tried && now >= *tried && now - *tried < kTriedAgain) return false;
  const auto newest = ports.seals.own->newest();
  auto reader = ports.open_reader();
  auto state = parts_->newest_state();
  if (!reader || !state) return false;
  if (!newest) return true;
  std::uint64_t sealed = 0;
  if (const std::optional<ledger::TreeHead>& head = *newest) {
    if (!is_beginning(**reader, *head)) return true;
    sealed = head->size;
  }
  if (state->sequence.value <= sealed) return false;
  const migration::Configuration& configuration = ports.configuration;
  const auto every = configuration.seal_every.value_or(migration::kSealEvery);
  const Micros within = configuration.seal_within.value_or(migration::kSealWithin);
  if (state->sequence.value - sealed >= every) return true;
  if (const auto& last = state->last_rollback) {
    const auto ended = parts_->placed(**reader, *last, state->sequence).ended_at;
    if (ended && ended->value > sealed) return true;
  }
  bool waits = false;
  auto looked = (*reader)->scan_rows(
      {sealed + 1},
      [&](ledger::Sequence, std::string_view, const ledger::Columns& columns) {
        waits = now - columns.recorded >= within;
        return false;
      }
  );
  return looked.has_value() && waits;
}

Result<std::optional<SealView>> Service::seal_when_due() {
  if (!seal_is_due()) return std::optional<SealView>();
  auto sealed = seal();
  if (sealed) return std::optional<SealView>(std::move(*sealed));
  Ports& ports = parts_->ports;
  const bool marked = ports.seals.own->set_tried(ports.environment->now()).has_value();
  Error error = sealed.error();
  error.state = fmt::format(
      "what was recorded stays, and is not sealed; {} tries again",
      marked ? "the first command after " + to_text(kTriedAgain) : "the next command"
  );
  return tl::unexpected<Error>(std::move(error));
}

Result<KeysView> Service::rotate_key(const Asker& asker) {
  Ports& ports = parts_->ports;
  auto next = new_key(*ports.environment, ports.configuration.name.text());
  if (!next) return pass_on(next);
  // A ledger that was never sealed gets its first key, and at once another one.
  if (auto sealed = seal(); !sealed) return pass_on(sealed);
  migration::Annotate note;
  note.text = fmt::format("the key {} signs from here on", to_text(next->verifier));
  note.source = "ledger keys rotate";
  if (auto noted = annotate(asker, note); !noted) return pass_on(noted);
  auto opened = open_to_seal(ports);
  if (!opened) return pass_on(opened);
  auto key = signing_key(ports.seals, *ports.environment, opened->kept, opened->reader->name());
  if (!key) return pass_on(key);
  auto rotation = ledger::make_rotation(opened->head, *key, *next);
  if (!rotation) return pass_on(rotation);
  const std::string old_line = to_secret_text(*key) + "\n";
  const std::string new_line = to_secret_text(*next) + "\n";
  auto both = ports.seals.keys->write_secret(old_line + new_line);
  if (!both) return pass_on(both);
  auto put = ports.seals.own->put(opened->head.size, ledger::to_text(next->verifier.id), *rotation);
  if (!put) return pass_on(put);
  // The old one signs nothing any more: it is forgotten. If that fails the chain says which holds.
  auto only = ports.seals.keys->write_secret(new_line);
  if (!only) return pass_on(only);
  SealView view{{}, opened->head.size, {}, {}, {}, opened->check.places};
  view.places.front().up_to = opened->head.size;
  keep(opened->kept, view, opened->head.size, ledger::to_text(next->verifier.id), *rotation);
  auto rotated = keys();
  if (rotated) rotated->places = std::move(view.places);
  return rotated;
}

}  // namespace hal9::engine
