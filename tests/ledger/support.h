// What the tests of the ledger share.
#pragma once

#include "base/sha256.h"
#include "ledger/line.h"
#include "ledger/tree.h"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace hal9::ledger {

// tests/vectors/merkle_vectors.json, parsed once.
const nlohmann::json& vectors();

std::string from_hex(const std::string& hex);
Digest digest_from(const nlohmann::json& hex);
std::vector<Digest> digests_from(const nlohmann::json& list);

// A tree whose leaves are all at hand: the source of proofs.
NodeSource nodes_over(const std::vector<Digest>& leaves);

// An event with every optional member, and one with none.
Event full_event();
Event bare_event();

std::string file_text(const std::string& path_below_tests);

}  // namespace hal9::ledger
