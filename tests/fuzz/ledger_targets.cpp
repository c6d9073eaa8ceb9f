// The ledger's decoders: lines, data, exports, notes, proofs.
#include "base/result.h"
#include "base/sha256.h"
#include "fuzz/target.h"
#include "ledger/line.h"
#include "ledger/lines_check.h"
#include "ledger/note.h"
#include "ledger/tree.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace hal9::fuzz {

using namespace ledger;

void line(std::string_view bytes) {
  const auto event = decode(bytes);
  Event folded;
  const bool folds = decode_for_fold(bytes, folded).has_value();
  if (!event) {
    demand(!event.error().what.empty(), "a refusal says what is wrong");
    demand(!decode(bytes), "refused is refused again");
    return;
  }
  demand(encode(*event) == bytes, "decode and encode are inverses");
  demand(folds && folded == *event, "the fold reads the same event");
  demand(check_draft(event->draft).has_value(), "what is in a line could be appended");
  demand(!leaf_of_redacted(bytes), "an event is no redacted line");
}

namespace {

int depth_of(const nlohmann::json& value) {
  int deepest = 0;
  if (!value.is_structured()) return 0;
  for (const auto& inner : value) deepest = std::max(deepest, depth_of(inner));
  return deepest + 1;
}

}  // namespace

void data(std::string_view bytes) {
  if (!check_data(bytes)) {
    demand(!check_data(bytes), "refused is refused again");
    return;
  }
  const auto parsed = nlohmann::json::parse(bytes, nullptr, false);
  demand(parsed.is_object(), "what is taken is a JSON object to others too");
  demand(depth_of(parsed) <= kMaxDepth, "no deeper than allowed");
  demand(bytes.size() <= kMaxDataBytes, "no larger than allowed");
  demand(bytes.find('\n') == std::string_view::npos, "an event stays one line");
  demand(!check_data(std::string(bytes) + " "), "blanks behind it are refused");
}

void lines_check(std::string_view bytes) {
  LinesCheck check;
  LinesCheck hidden;
  std::uint64_t lines = 0;
  for (std::size_t at = 0; at < bytes.size(); ++lines) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view one = bytes.substr(at, end - at);
    at = end + 1;
    check.take(one);
    const bool is_hash = leaf_of_redacted(one).has_value();
    const auto secret = is_hash ? std::optional<std::string>() : redacted(one);
    if (secret) demand(leaf_of_redacted(*secret) == leaf_hash(one), "a redacted line is its hash");
    hidden.take(secret ? std::string_view(*secret) : one);
  }
  const CheckedLines whole = check.done();
  const CheckedLines less = hidden.done();
  demand(whole.lines == lines && less.lines == lines, "every line counts");
  demand(whole.root == less.root, "redaction keeps the root");
  demand(whole.redacted <= less.redacted && less.redacted <= lines, "what is hidden is counted");
}

void note(std::string_view bytes) {
  static const auto kKey =
      parse_verifier("example.com/hal9-test+9768f3c9+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop");
  demand(kKey.has_value(), "the published test key is one");
  if (const auto verifier = parse_verifier(bytes)) {
    demand(bytes.starts_with(verifier->name + "+"), "a key has the name that it says");
  }
  if (const auto head = parse_tree_head(bytes)) {
    const auto again = parse_tree_head(to_text(*head));
    demand(again && *again == *head, "a tree head is read as it is written");
    demand(bytes.starts_with(to_text(*head)), "one tree head has one text");
  }
  const auto parsed = parse_note(bytes);
  if (parsed) {
    demand(parsed->text.ends_with('\n'), "a note's text ends its last line");
    demand(bytes.starts_with(parsed->text), "a note's text is its beginning");
    demand(!parsed->signatures.empty() && parsed->signatures.size() <= 100, "a note is signed");
  }
  const auto opened = open_checkpoint(bytes, *kKey);
  demand(!opened || (parsed && is_signed_by(*parsed, *kKey)), "what is opened was signed");
  demand(!opened || opened->origin == kKey->name, "by the one whose ledger it is");
}

namespace {

// Takes numbers and digests off the front of the input; zeros behind its end.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t byte() {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8U | byte();
    return value;
  }
  Digest digest() {
    Digest value{};
    for (auto& one : value) one = static_cast<std::uint8_t>(byte());
    return value;
  }
  std::vector<Digest> digests(std::uint64_t count) {
    std::vector<Digest> values;
    for (std::uint64_t i = 0; i < count; ++i) values.push_back(digest());
    return values;
  }

 private:
  std::string_view bytes_;
};

NodeSource nodes_over(const std::vector<Digest>& leaves) {
  return [&leaves](std::uint32_t level, std::uint64_t index) -> Result<Digest> {
    Frontier frontier;
    const std::uint64_t size = std::uint64_t{1} << level;
    for (std::uint64_t i = index * size; i < (index + 1) * size; ++i) frontier.append(leaves.at(i));
    return frontier.root();
  };
}

Digest root_of(const std::vector<Digest>& leaves, std::uint64_t size) {
  Frontier frontier;
  for (std::uint64_t i = 0; i < size; ++i) frontier.append(leaves[i]);
  return frontier.root();
}

// Another path than the right one: a bit turned, a digest less, one more.
std::vector<Digest> spoiled(std::vector<Digest> path, Taker& taker) {
  const std::uint64_t how = taker.byte();
  if (path.empty() || how % 3 == 0) {
    path.push_back(taker.digest());
  } else if (how % 3 == 1) {
    path.pop_back();
  } else {
    auto& one = path[taker.byte() % path.size()];
    one[taker.byte() % one.size()] ^= static_cast<std::uint8_t>(1U << taker.byte() % 8);
  }
  return path;
}

}  // namespace

void proof(std::string_view bytes) {
  Taker taker(bytes);
  const std::uint64_t size = 1 + taker.byte() % 40;
  const std::uint64_t index = taker.byte() % size;
  const std::uint64_t old_size = 1 + taker.byte() % size;
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < size; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
  const NodeSource nodes = nodes_over(leaves);
  const Digest root = root_of(leaves, size);
  const Digest old_root = root_of(leaves, old_size);
  const auto path = inclusion_path(index, size, nodes).value();
  demand(verify_inclusion(leaves[index], index, size, path, root), "a proof proves");
  demand(
      !verify_inclusion(leaves[index], index, size, spoiled(path, taker), root),
      "a spoiled proof does not"
  );
  const auto steps = consistency_path(old_size, size, nodes).value();
  demand(verify_consistency(old_size, size, steps, old_root, root), "a continuation is proven");
  demand(
      !verify_consistency(old_size, size, spoiled(steps, taker), old_root, root),
      "a spoiled one is not"
  );
  // Numbers and digests from anywhere: no index may leave its path, no loop may go on for ever.
  const std::uint64_t first = taker.number();
  const std::uint64_t second = taker.number();
  const auto any = taker.digests(taker.byte() % 70);
  demand(
      !verify_inclusion(leaves[0], first, second, any, root) || second != 0, "in no tree is none"
  );
  demand(!verify_consistency(first, second, any, old_root, root) || first <= second, "no way back");
}

}  // namespace hal9::fuzz
