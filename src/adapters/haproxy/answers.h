// Reads what HAProxy's stats socket answers. Every answer is hostile until it went through here:
// bounds-checked, columns found by the name in the header, numbers within their range, and what
// does not fit is an error (Code::failed) that names the answer and the place, never a guess.
//
// Pure functions, thread safe.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

// Letters, digits and `_.:-`, 1 to 129 of them (a route of two names as long as they may be): what
// HAProxy allows in names of proxies and servers, and nothing that could end a command or begin
// another one.
bool is_safe_word(std::string_view text);

struct MapEntry {
  std::string key;
  std::string value;  // as it stands there; picture.h says what it is worth
  bool operator==(const MapEntry&) const = default;
};

// `show map FILE`: lines of `0x<address> <key> <value>`.
Result<std::vector<MapEntry>> parse_map(std::string_view answer);

// `prepare map FILE`: `New version created: N`.
Result<std::uint64_t> parse_new_version(std::string_view answer);

// An empty answer, the only one that a `set map`, `add map` or `commit map` gives on success. (It
// gives it for ignored values too: read back.) `what` begins the error's sentence.
Result<void> expect_silence(std::string_view answer, std::string_view what);

struct ServerState {
  std::string backend;
  std::string name;
  std::uint32_t operation = 0;       // 0 down, 1 starting, 2 running, 3 stopping
  std::uint32_t administration = 0;  // bits
  // As it was set, and as the configuration has it; absent where the answer has no such column.
  std::optional<std::uint32_t> weight = std::nullopt;
  std::optional<std::uint32_t> initial_weight = std::nullopt;

  [[nodiscard]] bool in_maintenance() const { return (administration & 0x67U) != 0; }
  [[nodiscard]] bool draining() const { return (administration & 0x18U) != 0; }
  [[nodiscard]] bool up() const { return operation != 0; }
  bool operator==(const ServerState&) const = default;
};

// `show servers state BACKEND`. A server's name that is no safe word is refused: it goes into
// commands.
Result<std::vector<ServerState>> parse_servers_state(std::string_view answer);

struct StatRow {
  std::string proxy;
  std::string service;  // BACKEND, FRONTEND, or a server's name
  std::uint64_t current_sessions = 0;
  std::uint64_t queued = 0;
  std::uint64_t sessions = 0;  // stot
  std::uint64_t balanced = 0;  // lbtot
  // The effective one: less during a slow start. Absent where the answer has no such column.
  std::optional<std::uint32_t> weight = std::nullopt;
  bool backup = false;  // a server that serves only when no other one does
  bool operator==(const StatRow&) const = default;
};

// `show stat ...`: CSV with a header. A column that HAProxy leaves empty is 0; a missing column is
// an error.
Result<std::vector<StatRow>> parse_stat(std::string_view answer);

struct ProcessInfo {
  std::uint64_t pid = 0;
  std::uint64_t started = 0;  // seconds since 1970; 0 where this version does not say
  bool operator==(const ProcessInfo&) const = default;
};

// `show info`: lines of `Name: value`.
Result<ProcessInfo> parse_info(std::string_view answer);

struct Processes {
  std::vector<std::uint64_t> old_workers;  // pids of those that a reload left behind
  std::uint64_t failed_reloads = 0;        // since the last one that worked
  bool operator==(const Processes&) const = default;
};

// The master's `show proc`.
Result<Processes> parse_processes(std::string_view answer);

// `show sess`: the sessions (as `shutdown session` takes them) that are at one of `backends`.
Result<std::vector<std::string>> parse_sessions(
    std::string_view answer, const std::vector<std::string>& backends
);

// The same of those that are at one of these servers of a backend.
Result<std::vector<std::string>> parse_sessions_at(
    std::string_view answer, std::string_view backend, const std::vector<std::string>& servers
);

// True for the answer about a map or a proxy that this process does not have.
bool is_unknown(std::string_view answer);

struct TableRow {
  std::string key;
  std::uint64_t requests = 0;
  bool operator==(const TableRow&) const = default;
};

// `show table NAME` of a table that stores http_req_cnt. A table that does not exist is no rows.
Result<std::vector<TableRow>> parse_table(std::string_view answer);

}  // namespace hal9::haproxy
