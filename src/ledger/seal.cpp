#include "ledger/seal.h"

#include "base/result.h"
#include "ledger/note.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace hal9::ledger {

namespace {

constexpr std::string_view kKeyLine = "key ";

tl::unexpected<Error> not_a_seal(std::string why) {
  return fail(Code::damaged, "this is not a seal of the ledger", std::move(why));
}

// What follows the three lines of a checkpoint.
std::string_view extensions_of(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text;
}

}  // namespace

std::string seal_origin(std::string_view ledger_name) {
  return "hal9/ledger/" + std::string(ledger_name);
}

std::string to_text(const KeyId& id) {
  return fmt::format("{:02x}{:02x}{:02x}{:02x}", id[0], id[1], id[2], id[3]);
}

Result<Seal> parse_seal(std::string_view bytes) {
  auto note = parse_note(bytes);
  if (!note) return pass_on(note);
  auto head = parse_tree_head(note->text);
  if (!head) return pass_on(head);
  Seal seal;
  seal.head = std::move(*head);
  std::string_view extensions = extensions_of(note->text);
  if (!extensions.empty()) {
    extensions.remove_suffix(1);
    if (!extensions.starts_with(kKeyLine) || extensions.find('\n') != std::string_view::npos) {
      return not_a_seal("it has lines that no seal has");
    }
    auto key = parse_verifier(extensions.substr(kKeyLine.size()));
    if (!key) return not_a_seal("the key that it introduces is none: " + key.error().why);
    seal.next_key = std::move(*key);
  }
  seal.note = std::move(*note);
  seal.bytes = std::string(bytes);
  return seal;
}

Result<std::string> make_seal(const TreeHead& head, const SigningKey& key) {
  return sign_note(to_text(head), {key});
}

Result<std::string> make_rotation(
    const TreeHead& head, const SigningKey& key, const SigningKey& next
) {
  return sign_note(
      fmt::format("{}{}{}\n", to_text(head), kKeyLine, to_text(next.verifier)), {key, next}
  );
}

KeyId newest_key(const Seal& seal) {
  return seal.next_key ? seal.next_key->id : seal.note.signatures.front().id;
}

std::string seal_name(std::uint64_t size, std::string_view key) {
  return fmt::format("{:020}-{}.seal", size, key);
}

std::string seal_name(const Seal& seal) {
  return seal_name(seal.head.size, to_text(newest_key(seal)));
}

Result<void> KeyChain::take(const Seal& seal) {
  const std::string& origin = uses_.front().key.name;
  if (seal.head.origin != origin) {
    return not_a_seal(fmt::format("it is of \"{}\", not of \"{}\"", seal.head.origin, origin));
  }
  const auto use =
      std::ranges::find_if(uses_, [&](const Use& one) { return is_signed_by(seal.note, one.key); });
  if (use == uses_.end()) return not_a_seal("it is not signed by a key of this ledger");
  if (seal.head.size < use->from || seal.head.size > use->retired.value_or(seal.head.size)) {
    return not_a_seal(fmt::format("the key {} did not sign then", to_text(use->key.id)));
  }
  if (!seal.next_key) return {};
  const VerifierKey& next = *seal.next_key;
  if (!is_signed_by(seal.note, next) || next.name != origin) {
    return not_a_seal("the key that it introduces has not signed it");
  }
  const bool known = std::ranges::any_of(uses_, [&](const Use& one) {
    return one.key.key == next.key && one.from == seal.head.size;
  });
  if (known) return {};
  if (use->key.key != current().key) {
    return not_a_seal("it introduces a key by one that was retired");
  }
  use->retired = seal.head.size;
  uses_.push_back({next, seal.head.size, {}});
  return {};
}

}  // namespace hal9::ledger
