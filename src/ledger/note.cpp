#include "ledger/note.h"

#include "base/escape.h"
#include "base/result.h"
#include "base/sha256.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sodium/core.h>
#include <sodium/crypto_sign.h>
#include <sodium/utils.h>

namespace hal9::ledger {

namespace {

constexpr std::size_t kLongestNote = 1'000'000;
constexpr std::size_t kMostSignatures = 100;
constexpr std::size_t kSignatureBytes = 64;
constexpr char kEd25519 = 0x01;
constexpr std::string_view kDash = "\xE2\x80\x94 ";  // EM DASH, blank

tl::unexpected<Error> not_a_note(std::string why) {
  return fail(Code::damaged, "this is not a signed note", std::move(why));
}

int value_of(char c) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t found = kAlphabet.find(c);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

// What libsodium asks for once before anything else; it picks what is quick on this processor.
bool is_ready() {
  static const bool kReady = sodium_init() >= 0;
  return kReady;
}

const unsigned char* bytes_at(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string to_base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(
      text.data(), text.size(), bytes_at(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL
  );
  text.pop_back();  // its NUL
  return text;
}

// RFC 4648 section 4, padded, and only the one text that encodes these bytes: decoders take
// stray bits at the end.
std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string bytes;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool padded = i >= text.size() - padding;
    const int value = padded ? 0 : value_of(text[i]);
    if (value < 0) return {};
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    if (i % 4 != 3) continue;
    bytes +=
        {static_cast<char>(bits >> 16U & 0xFFU),
         static_cast<char>(bits >> 8U & 0xFFU),
         static_cast<char>(bits & 0xFFU)};
    bits = 0;
  }
  bytes.resize(bytes.size() - padding);
  if (to_base64(bytes) != text) return {};
  return bytes;
}

bool is_key_name(std::string_view name) {
  return !name.empty() && is_utf8(name) && std::ranges::none_of(name, [](char c) {
    return c == '+' || c == 0x7F || static_cast<unsigned char>(c) <= ' ';
  });
}

KeyId key_id_of(std::string_view name, std::string_view algorithm_and_key) {
  const Digest digest = sha256({name, "\n", algorithm_and_key});
  return {digest[0], digest[1], digest[2], digest[3]};
}

// A line without its LF, taken off the front; nothing if no LF is left.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return {};
  line.remove_prefix(kDash.size());
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos || !is_key_name(line.substr(0, blank))) return {};
  const auto bytes = from_base64(line.substr(blank + 1));
  if (!bytes || bytes->size() <= sizeof(KeyId)) return {};
  NoteSignature signature;
  signature.name = std::string(line.substr(0, blank));
  std::memcpy(signature.id.data(), bytes->data(), signature.id.size());
  signature.bytes = bytes->substr(sizeof(KeyId));
  return signature;
}

bool verifies(std::string_view text, std::string_view signature, const Ed25519Key& key) {
  return signature.size() == kSignatureBytes && is_ready() &&
         crypto_sign_verify_detached(
             bytes_at(signature), bytes_at(text), text.size(), key.data()
         ) == 0;
}

std::string hex_of(const KeyId& id) {
  return fmt::format("{:02x}{:02x}{:02x}{:02x}", id[0], id[1], id[2], id[3]);
}

// What stands in a verifier or signer behind its name: an Ed25519 key of 32 bytes.
struct NamedKey {
  std::string name;
  std::string id;
  Ed25519Key key{};
};

Result<NamedKey> parse_named(std::string_view text, std::string_view what) {
  const auto refused = [&](std::string why) {
    return fail(Code::usage, fmt::format("this is not a {} key", what), std::move(why));
  };
  const std::size_t first = text.find('+');
  if (first == std::string_view::npos || text.size() < first + 10 || text[first + 9] != '+') {
    return refused("it has to be NAME+KEYID+BASE64");
  }
  const auto key = from_base64(text.substr(first + 10));
  if (!key || key->size() != 1 + sizeof(Ed25519Key) || key->front() != kEd25519) {
    return refused("it is not an Ed25519 key");
  }
  NamedKey named{std::string(text.substr(0, first)), std::string(text.substr(first + 1, 8)), {}};
  if (!is_key_name(named.name)) return refused("its name is not one");
  std::memcpy(named.key.data(), key->data() + 1, named.key.size());
  return named;
}

std::string with_algorithm(const Ed25519Key& key) {
  return kEd25519 + std::string(reinterpret_cast<const char*>(key.data()), key.size());
}

// RFC 8032: the seed is what is kept; libsodium signs by the seed with the public key behind it. Gone
// from memory when it is dropped.
struct KeyPair {
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};

  explicit KeyPair(const Ed25519Key& seed) {
    crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
  }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
  ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
};

std::optional<std::string> signature_of(std::string_view text, const Ed25519Key& seed) {
  if (!is_ready()) return {};
  const KeyPair key(seed);
  std::string signature(kSignatureBytes, '\0');
  auto* const place = reinterpret_cast<unsigned char*>(signature.data());
  if (crypto_sign_detached(place, nullptr, bytes_at(text), text.size(), key.secret.data()) != 0) {
    return {};
  }
  return signature;
}

constexpr std::string_view kPrivate = "PRIVATE+KEY+";

std::optional<std::uint64_t> parse_size(std::string_view digits) {
  if (digits.empty() || digits.size() > 19 || (digits.size() > 1 && digits.front() == '0')) {
    return {};
  }
  std::uint64_t size = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return {};
    size = size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return size;
}

}  // namespace

Result<VerifierKey> parse_verifier(std::string_view text) {
  auto named = parse_named(text, "verifier");
  if (!named) return pass_on(named);
  VerifierKey verifier;
  verifier.name = std::move(named->name);
  verifier.key = named->key;
  verifier.id = key_id_of(verifier.name, with_algorithm(verifier.key));
  if (hex_of(verifier.id) != named->id) {
    return fail(Code::usage, "this is not a verifier key", "its id is not this key's");
  }
  return verifier;
}

std::string to_text(const VerifierKey& key) {
  return fmt::format("{}+{}+{}", key.name, hex_of(key.id), to_base64(with_algorithm(key.key)));
}

Result<SigningKey> make_signing_key(std::string_view name, const Ed25519Key& seed) {
  if (!is_key_name(name)) return fail(Code::usage, "this is no name for a key");
  if (!is_ready()) return fail(Code::failed, "a signing key cannot be made");
  SigningKey key;
  key.seed = seed;
  key.verifier.name = std::string(name);
  key.verifier.key = KeyPair(seed).open;
  key.verifier.id = key_id_of(name, with_algorithm(key.verifier.key));
  return key;
}

std::string to_secret_text(const SigningKey& key) {
  return fmt::format(
      "{}{}+{}+{}",
      kPrivate,
      key.verifier.name,
      hex_of(key.verifier.id),
      to_base64(with_algorithm(key.seed))
  );
}

Result<SigningKey> parse_signing_key(std::string_view text) {
  if (!text.starts_with(kPrivate)) {
    return fail(Code::usage, "this is not a signing key", "it does not begin with PRIVATE+KEY+");
  }
  auto named = parse_named(text.substr(kPrivate.size()), "signing");
  if (!named) return pass_on(named);
  auto key = make_signing_key(named->name, named->key);
  if (key && hex_of(key->verifier.id) != named->id) {
    return fail(Code::usage, "this is not a signing key", "its id is not this key's");
  }
  return key;
}

Result<std::string> sign_note(std::string_view text, const std::vector<SigningKey>& keys) {
  std::string note = std::string(text) + "\n";
  for (const SigningKey& key : keys) {
    const auto signature = signature_of(text, key.seed);
    if (!signature) return fail(Code::failed, "the text cannot be signed");
    const std::string id(key.verifier.id.begin(), key.verifier.id.end());
    note += fmt::format("{}{} {}\n", kDash, key.verifier.name, to_base64(id + *signature));
  }
  return note;
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kLongestNote) return not_a_note("it is longer than 1 MB");
  if (!is_utf8(bytes)) return not_a_note("it is not UTF-8");
  const bool controls = std::ranges::any_of(bytes, [](char c) {
    return c != '\n' && static_cast<unsigned char>(c) < 0x20;
  });
  if (controls) return not_a_note("it holds control characters");
  // The last blank line: the text may hold others.
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) return not_a_note("no blank line before signatures");
  Note note;
  note.text = std::string(bytes.substr(0, split + 1));
  std::string_view rest = bytes.substr(split + 2);
  if (rest.empty()) return not_a_note("it has no signature");
  while (!rest.empty()) {
    const auto line = take_line(rest);
    auto signature = line ? parse_signature(*line) : std::nullopt;
    if (!signature) return not_a_note("a signature line is not one");
    if (note.signatures.size() == kMostSignatures) return not_a_note("it has too many signatures");
    note.signatures.push_back(std::move(*signature));
  }
  return note;
}

bool is_signed_by(const Note& note, const VerifierKey& verifier) {
  bool found = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != verifier.name || signature.id != verifier.id) continue;
    if (!verifies(note.text, signature.bytes, verifier.key)) return false;
    found = true;
  }
  return found;
}

Result<TreeHead> parse_tree_head(std::string_view text) {
  const auto refused = [](std::string why) {
    return fail(Code::damaged, "this is not a checkpoint of a tree", std::move(why));
  };
  if (!text.ends_with('\n')) return refused("its last line has no end");
  std::string_view rest = text;
  const auto origin = take_line(rest);
  const auto digits = take_line(rest);
  const auto root = take_line(rest);
  if (!origin || !digits || !root) return refused("it has fewer than three lines");
  if (origin->empty()) return refused("it has no origin");
  const auto size = parse_size(*digits);
  if (!size) return refused("its size is not a decimal number without leading zeros");
  const auto bytes = from_base64(*root);
  if (!bytes || bytes->size() != sizeof(Digest)) return refused("its root is not 32 bytes");
  while (!rest.empty()) {
    const auto extension = take_line(rest);
    if (!extension || extension->empty()) return refused("it has an empty line");
  }
  TreeHead head;
  head.origin = std::string(*origin);
  head.size = *size;
  std::memcpy(head.root.data(), bytes->data(), head.root.size());
  return head;
}

std::string to_text(const TreeHead& head) {
  return fmt::format("{}\n{}\n{}\n", head.origin, head.size, to_base64(as_bytes(head.root)));
}

Result<TreeHead> open_checkpoint(std::string_view note, const VerifierKey& verifier) {
  auto parsed = parse_note(note);
  if (!parsed) return pass_on(parsed);
  if (!is_signed_by(*parsed, verifier)) {
    return fail(Code::damaged, "the checkpoint is not signed by " + verifier.name);
  }
  auto head = parse_tree_head(parsed->text);
  if (head && head->origin != verifier.name) {
    return fail(Code::damaged, "the checkpoint is of another origin than its key");
  }
  return head;
}

}  // namespace hal9::ledger
