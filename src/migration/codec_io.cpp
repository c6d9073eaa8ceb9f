#include "migration/codec_io.h"

#include "base/result.h"
#include "ledger/line.h"

#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

// The parser below has no limit of its own, and copying what it made recurses.
bool deeper_than_allowed(std::string_view bytes) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > ledger::kMaxDepth) return true;
  }
  return false;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view what, std::string_view bytes) {
  if (bytes.size() > kMaxBytes) return damaged(what, "it is too long");
  if (deeper_than_allowed(bytes)) return damaged(what, "it is nested too deep");
  auto json = nlohmann::json::parse(bytes, nullptr, false);
  if (json.is_discarded()) return damaged(what, "it is not JSON");
  return json;
}

tl::unexpected<Error> damaged(std::string_view what, std::string_view problem) {
  return fail(
      Code::damaged,
      fmt::format("{} cannot be read: {}", what, problem),
      "its bytes are not what this program writes",
      "nothing was changed",
      "hal9-migrate ledger verify"
  );
}

}  // namespace hal9::migration
