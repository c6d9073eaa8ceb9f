// What a router's program is asked and what it answers: README.md of this folder, as values.
//
// Invariants: an answer is taken whole or not at all; it has no member that is not known, every
// route and feature that was asked for and no other one, each once. Both directions stand here, since
// programs of this project answer by the same rules. Thread-safe.
#pragma once

#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::exec {

inline constexpr std::uint64_t kProtocolVersion = 1;

// The last argument of the program.
inline constexpr const char* kDescribe = "describe";
inline constexpr const char* kRead = "read";
inline constexpr const char* kSet = "set";
inline constexpr const char* kCut = "cut";
inline constexpr const char* kClearHalt = "clear-halt";
inline constexpr const char* kProve = "prove";
inline constexpr const char* kEndSessions = "end-sessions";

struct FeatureAsked {
  Name feature;
  std::optional<Share> percentage;  // of `set` alone
};

struct Request {
  std::string operation;
  std::optional<engine::Toward> toward;  // of a `set` of shares
  std::vector<migration::RouteAmount>
      routes;  // with what to set them to, where it is a set or a cut
  std::vector<FeatureAsked> features;
  std::string settings;  // JSON, for programs of this project; empty: none
};

std::string encode_request(const Request& request);
// Error: damaged, or newer for another version.
Result<Request> decode_request(std::string_view bytes);

// What a program says of itself. It moves traffic, else it is none.
struct Description {
  engine::Capabilities can;
  bool tells_servers = false;
  bool operator==(const Description&) const = default;
};

// A reading, and by what it holds what the program can do.
struct Shown {
  engine::Reading reading;
  Description shows;
};

// All errors: damaged (`why` names the member), newer (another version of the protocol).
Result<Description> decode_description(std::string_view bytes);
Result<Shown> decode_reading(std::string_view bytes, const Request& asked);
// What stood there before the cut; empty where the program did not look.
Result<std::vector<migration::RouteAmount>> decode_cut(
    std::string_view bytes, const Request& asked
);
Result<std::uint64_t> decode_ended(std::string_view bytes);
Result<void> decode_done(std::string_view bytes);

std::string encode_description(const Description& description);
std::string encode_reading(const Shown& shown);
std::string encode_done();

}  // namespace hal9::exec
