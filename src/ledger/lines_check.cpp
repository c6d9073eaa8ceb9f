#include "ledger/lines_check.h"

#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/tree.h"
#include "ledger/verify.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hal9::ledger {

namespace {

constexpr std::string_view kRedactedHead = "{\"leaf\":\"";
constexpr std::string_view kRedactedTail = "\"}";

}  // namespace

std::optional<std::string> redacted(std::string_view line) {
  const auto event = decode(line);
  if (event && !event->draft.nonce) return std::nullopt;
  return std::string(kRedactedHead) + to_hex(leaf_hash(line)) + std::string(kRedactedTail);
}

std::optional<Digest> leaf_of_redacted(std::string_view line) {
  if (!line.starts_with(kRedactedHead) || !line.ends_with(kRedactedTail)) return std::nullopt;
  line.remove_prefix(kRedactedHead.size());
  line.remove_suffix(std::min(kRedactedTail.size(), line.size()));
  const auto leaf = parse_digest(line);
  // One text for one hash: upper-case digits are another one.
  if (!leaf || to_hex(*leaf) != line) return std::nullopt;
  return *leaf;
}

std::string misplaced(const Event& event, Sequence expected, std::string_view source, Time before) {
  if (event.sequence != expected) return "the line has another sequence than its place";
  if (event.source != source) return "the line is of another ledger";
  if (event.recorded <= before) return "recorded time does not grow";
  return "";
}

void LinesCheck::find(std::string what) {
  if (!checked_.finding) checked_.finding = Finding{{checked_.lines}, std::move(what)};
}

void LinesCheck::take(std::string_view line) {
  ++checked_.lines;
  if (const auto leaf = leaf_of_redacted(line)) {
    ++checked_.redacted;
    frontier_.append(*leaf);
    return;
  }
  frontier_.append(leaf_hash(line));
  const auto event = decode(line);
  if (!event) {
    find(event.error().what);
    return;
  }
  if (checked_.source.empty()) checked_.source = event->source;
  std::string wrong = misplaced(*event, {checked_.lines}, checked_.source, before_);
  if (!wrong.empty()) find(std::move(wrong));
  before_ = event->recorded;
}

void LinesCheck::refuse(std::string what) {
  ++checked_.lines;
  find(std::move(what));
}

CheckedLines LinesCheck::done() const {
  CheckedLines checked = checked_;
  checked.root = frontier_.root();
  return checked;
}

}  // namespace hal9::ledger
