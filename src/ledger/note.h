// Signed notes and checkpoints as C2SP writes them: what a seal is made of.
//
//   note       = text LF 1*signature            text: one or more lines, each ended by LF
//   signature  = EM-DASH SP name SP base64(key id[4] || signature[64]) LF
//   checkpoint = origin LF size LF base64(root) LF *(extension LF)      the text of a note
//   key id     = first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key)
//   verifier   = name "+" 8 hexadecimal digits of the key id "+" base64(0x01 || public key)
//   signer     = "PRIVATE+KEY+" name "+" 8 hexadecimal digits of the key id "+" base64(0x01 || seed)
//
// https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint. Ed25519 over the text with its
// last LF. Input is untrusted: at most 1 MB, 100 signatures. Pure; thread-safe.
#pragma once

#include "base/result.h"
#include "base/sha256.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::ledger {

using Ed25519Key = std::array<std::uint8_t, 32>;
using KeyId = std::array<std::uint8_t, 4>;

struct VerifierKey {
  std::string name;
  KeyId id{};
  Ed25519Key key{};
};

// Error (Code::usage): not of this form, another algorithm, or an id that is not the key's.
Result<VerifierKey> parse_verifier(std::string_view text);
std::string to_text(const VerifierKey& key);

// The secret half: whoever has `seed` signs as `verifier`. Never printed, logged or put in a view.
struct SigningKey {
  VerifierKey verifier;
  Ed25519Key seed{};
};

// `seed` is 32 random bytes. Error: usage (no name for a key), failed.
Result<SigningKey> make_signing_key(std::string_view name, const Ed25519Key& seed);
// The signer's text, for its file alone; and back. Error: usage, as parse_verifier.
std::string to_secret_text(const SigningKey& key);
Result<SigningKey> parse_signing_key(std::string_view text);

// A note of this text (whole lines, each ended by LF) signed by each of the keys, in this order.
// Error: failed.
Result<std::string> sign_note(std::string_view text, const std::vector<SigningKey>& keys);

struct NoteSignature {
  std::string name;
  KeyId id{};
  std::string bytes;  // behind the key id; 64 for Ed25519
};

struct Note {
  std::string text;  // with its last LF
  std::vector<NoteSignature> signatures;
};

// The form alone. Error: Code::damaged.
Result<Note> parse_note(std::string_view bytes);

// Whether this key has signed the text: a signature with its name and id is there, and each of them
// verifies. Signatures of other keys are not looked at.
bool is_signed_by(const Note& note, const VerifierKey& verifier);

struct TreeHead {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};
  bool operator==(const TreeHead&) const = default;
};

// The text of a checkpoint with its last LF; extension lines are allowed and left out. Error:
// Code::damaged; a size with a leading zero, a root that is not 32 bytes.
Result<TreeHead> parse_tree_head(std::string_view text);
std::string to_text(const TreeHead& head);

// A checkpoint as it has to be: the note's form, signed by `verifier`, its text a tree head of the
// verifier's name as origin. Error: Code::damaged, saying which of these does not hold.
Result<TreeHead> open_checkpoint(std::string_view note, const VerifierKey& verifier);

}  // namespace hal9::ledger
