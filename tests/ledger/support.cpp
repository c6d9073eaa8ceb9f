#include "ledger/support.h"

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/tree.h"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <ios>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace hal9::ledger {

std::string file_text(const std::string& path_below_tests) {
  std::ifstream in(HAL9_SOURCE_DIR "/tests/" + path_below_tests, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read tests/" + path_below_tests);
  return {std::istreambuf_iterator<char>(in), {}};
}

const nlohmann::json& vectors() {
  static const auto kParsed = nlohmann::json::parse(file_text("vectors/merkle_vectors.json"));
  return kParsed;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

Digest digest_from(const nlohmann::json& hex) {
  return parse_digest(hex.get<std::string>()).value();
}

std::vector<Digest> digests_from(const nlohmann::json& list) {
  std::vector<Digest> digests;
  for (const auto& hex : list) digests.push_back(digest_from(hex));
  return digests;
}

NodeSource nodes_over(const std::vector<Digest>& leaves) {
  return [leaves](std::uint32_t level, std::uint64_t index) -> Result<Digest> {
    const std::uint64_t size = std::uint64_t{1} << level;
    if ((index + 1) * size > leaves.size()) return fail(Code::usage, "no such subtree");
    Frontier frontier;
    for (std::uint64_t i = index * size; i < (index + 1) * size; ++i) frontier.append(leaves[i]);
    return frontier.root();
  };
}

Event bare_event() {
  Event event;
  event.draft.id = EventId::parse("0198a1b2-c3d4-7e5f-8a6b-0123456789ab").value();
  event.draft.type = "hal9.traffic.observed.v1";
  event.draft.time = parse_time("2026-08-01T03:04:05.000006Z").value();
  event.draft.author = {"system", "system:executor", "", "cli"};
  event.draft.correlation = CorrelationId::parse("0198a1b2-c3d4-7e5f-8a6b-0123456789ac").value();
  event.draft.data = "{}";
  event.source = source_of("demo");
  event.sequence = Sequence{1};
  event.recorded = parse_time("2026-08-01T03:04:05.000007Z").value();
  return event;
}

Event full_event() {
  Event event = bare_event();
  event.draft.subject = "eu-west-1.protocol";
  event.draft.author = {"user", "os:alice", "operator", "cli"};
  event.draft.reason = "p99 \"up\"\n";
  event.draft.causation = CommandId::parse("0198a1b2-c3d4-7e5f-8a6b-0123456789ad").value();
  event.draft.nonce = Nonce{0x00, 0x11, 0x22, 0xAB};
  event.draft.data = R"({"share":500,"routes":["eu-west-1.protocol"],"text":"\u0001é"})";
  return event;
}

}  // namespace hal9::ledger
