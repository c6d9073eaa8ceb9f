// What is said to HAProxy and what it should come to: the commands as text, the values that maps
// should hold, the comparison with what is read back. Pure functions, thread safe.
//
// Precondition of all that make a command: the settings passed check_settings(), keys come from
// Names or from HAProxy itself.
#pragma once

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

inline constexpr Share kKillOn = Share::of_hundredths(1);

// Backends and paths go into commands: whatever could begin another one is a usage error that names
// the setting.
Result<void> check_settings(const migration::HaproxySettings& settings);

std::string show_map(const std::string& file);
std::string show_servers(const std::string& backend);
// The backend's own row and those of its servers.
std::string show_stat(const std::string& backend);
// `state`: maint or ready.
std::string set_server(const ServerState& server, std::string_view state);
std::string set_key(const std::string& file, std::string_view key, Share value);
std::string add_key(const std::string& file, std::string_view key, Share value);
std::string prepare_map(const std::string& file);
std::string commit_map(const std::string& file, std::uint64_t version);
// Drops a version that was prepared and not committed.
std::string drop_map(const std::string& file, std::uint64_t version);
// `add map @V` with payloads that HAProxy's buffer holds: what is there now (keys that are not ours
// too, each once) with the wanted values in it. A key that is not safe on the socket is left out.
std::vector<std::string> add_entries(
    const std::string& file,
    std::uint64_t version,
    const std::vector<MapEntry>& now,
    const Amounts& wanted
);
// `set map` for every key of `changes` that the map has; one that it has not is 0 already.
void append_changes(
    std::vector<std::string>& commands,
    const std::string& file,
    const Values& now,
    const Amounts& changes
);
// `set map` to 0 for every safe key that is not.
void append_zeroes(std::vector<std::string>& commands, const std::string& file, const Values& now);

// Toward flat: the smaller of what is there (a missing key is 0) and what is asked.
Amounts targets(const Values& now, const Amounts& asked, engine::Toward toward);
// Those of `wanted` that the map does not hold yet.
Amounts changes_of(const Values& now, const Amounts& wanted);
// What the read-back shows for the wanted keys. Error: failed, naming the first key that differs;
// toward flat a lower value is none, since somebody else may have lowered it further.
Result<Amounts> compare(
    std::string_view map, const Values& after, const Amounts& wanted, engine::Toward toward
);

// One map's file and what it holds now.
struct MapNow {
  std::string file;
  Values values;
  Share harmless;  // the value that, written late, sends nobody to hierarchical
};
// `set map` of a value that is there already, among those that are harmless: whoever lowers a share
// or halts between the look and this write must not be undone. Nothing if no map holds such a one.
std::optional<std::string> same_again(const std::vector<MapNow>& maps);

// The answers to an emergency's questions (kill, share, mirror map; servers of both backends), as
// far as they make sense: one that does not costs only its own part.
struct CutFacts {
  Values kill;
  Values share;
  Values mirror;
  std::vector<ServerState> servers;
  bool kill_is_read = false;
  bool amounts_are_read = false;
  bool servers_are_read = false;
  std::vector<Error> errors;
};
// Precondition: answers.size() >= from + 5.
CutFacts cut_facts(const std::vector<std::string>& answers, std::size_t from);

// An error as one sentence, for reports that are lists of sentences.
std::string sentence(const Error& error);

}  // namespace hal9::haproxy
