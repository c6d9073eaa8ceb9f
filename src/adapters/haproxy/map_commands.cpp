#include "adapters/haproxy/map_commands.h"

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

// HAProxy's buffer has 16 KiB; a payload that does not fit is dropped without a word.
constexpr std::size_t kPayload = 11000;

// Absolute, and without blanks, commas and brackets: it stands inside of map_str_int(...) too.
bool is_safe_path(std::string_view path) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-+@=~/";
  return path.starts_with('/') && path.size() <= 1024 &&
         path.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20U && c != 0x7f;
  });
}

tl::unexpected<Error> unsafe(std::string_view setting, std::string_view rule) {
  return fail(
      Code::usage,
      fmt::format("router.{} in the configuration is not usable", setting),
      std::string{rule},
      "nothing was sent",
      "hal9-migrate config check"
  );
}

}  // namespace

Result<void> check_settings(const migration::HaproxySettings& settings) {
  constexpr std::string_view kWord = "a backend's name holds letters, digits and _ . : - only";
  if (!is_safe_word(settings.flat_backend)) return unsafe("flat_backend", kWord);
  if (!is_safe_word(settings.hierarchical_backend)) return unsafe("hierarchical_backend", kWord);
  if (!is_safe_word(settings.mirror_backend)) return unsafe("mirror_backend", kWord);
  constexpr std::string_view kPath =
      "an absolute path of letters, digits and _ . - + @ = ~ / is needed";
  if (!is_safe_path(settings.files)) return unsafe("files", kPath);
  for (const auto& balancer : settings.balancers) {
    if (balancer.maps && !is_safe_path(*balancer.maps)) return unsafe("balancers", kPath);
  }
  return {};
}

std::string show_map(const std::string& file) {
  return "show map " + file;
}

std::string show_servers(const std::string& backend) {
  return "show servers state " + backend;
}

std::string show_stat(const std::string& backend) {
  return fmt::format("show stat {} 6 -1", backend);  // 2: the backend, 4: its servers
}

std::string set_server(const ServerState& server, std::string_view state) {
  return fmt::format("set server {}/{} state {}", server.backend, server.name, state);
}

std::string set_key(const std::string& file, std::string_view key, Share value) {
  return fmt::format("set map {} {} {}", file, key, value.hundredths());
}

std::string add_key(const std::string& file, std::string_view key, Share value) {
  return fmt::format("add map {} {} {}", file, key, value.hundredths());
}

std::string prepare_map(const std::string& file) {
  return "prepare map " + file;
}

std::string commit_map(const std::string& file, std::uint64_t version) {
  return fmt::format("commit map @{} {}", version, file);
}

std::string drop_map(const std::string& file, std::uint64_t version) {
  return fmt::format("clear map @{} {}", version, file);
}

std::vector<std::string> add_entries(
    const std::string& file,
    std::uint64_t version,
    const std::vector<MapEntry>& now,
    const Amounts& wanted
) {
  const auto command = fmt::format("add map @{} {} <<\n", version, file);
  std::vector<std::string> commands;
  std::string payload;
  const auto add = [&](const std::string& line) {
    if (payload.size() + line.size() > kPayload) {
      commands.push_back(command + std::exchange(payload, {}));
    }
    payload += line;
  };
  std::set<std::string_view> written;
  for (const auto& entry : now) {
    if (wanted.contains(entry.key) || !written.insert(entry.key).second) continue;
    if (!is_printable(entry.key) || !is_printable(entry.value)) continue;
    add(fmt::format("{} {}\n", entry.key, entry.value));
  }
  for (const auto& [key, share] : wanted) add(fmt::format("{} {}\n", key, share.hundredths()));
  if (!payload.empty()) commands.push_back(command + payload);
  return commands;
}

void append_changes(
    std::vector<std::string>& commands,
    const std::string& file,
    const Values& now,
    const Amounts& changes
) {
  for (const auto& [key, share] : changes) {
    if (now.find(key)) commands.push_back(set_key(file, key, share));
  }
}

void append_zeroes(std::vector<std::string>& commands, const std::string& file, const Values& now) {
  for (const auto& [key, share] : now.shares) {
    if (share > Share::none() && is_safe_word(key)) {
      commands.push_back(set_key(file, key, Share::none()));
    }
  }
}

Amounts targets(const Values& now, const Amounts& asked, engine::Toward toward) {
  Amounts wanted = asked;
  if (toward == engine::Toward::hierarchical) return wanted;
  for (auto& [key, share] : wanted) {
    share = std::min(share, now.find(key).value_or(Share::none()));
  }
  return wanted;
}

Amounts changes_of(const Values& now, const Amounts& wanted) {
  Amounts changes;
  for (const auto& [key, share] : wanted) {
    if (now.find(key) != share) changes.emplace(key, share);
  }
  return changes;
}

Result<Amounts> compare(
    std::string_view map, const Values& after, const Amounts& wanted, engine::Toward toward
) {
  Amounts observed;
  for (const auto& [key, share] : wanted) {
    const auto found = after.find(key).value_or(Share::none());
    if (found > share || (found < share && toward == engine::Toward::hierarchical)) {
      return fail(
          Code::failed,
          fmt::format(
              "{} holds {} for {} after {} was written", map, to_text(found), key, to_text(share)
          ),
          "somebody else changed it at the same time, or HAProxy ignored the value",
          {},
          "hal9-migrate traffic --verify"
      );
    }
    observed.emplace(key, found);
  }
  return observed;
}

std::optional<std::string> same_again(const std::vector<MapNow>& maps) {
  for (const auto& map : maps) {
    if (map.values.unreadable) continue;
    for (const auto& [key, share] : map.values.shares) {
      if (share == map.harmless && is_safe_word(key)) return set_key(map.file, key, share);
    }
  }
  return std::nullopt;
}

CutFacts cut_facts(const std::vector<std::string>& answers, std::size_t from) {
  CutFacts facts;
  const auto read = [&](std::size_t at, std::string_view map, Values& into) {
    const auto entries = parse_map(answers[from + at]);
    if (!entries) {
      facts.errors.push_back(entries.error());
      return false;
    }
    into = values_of(*entries, map);
    return true;
  };
  facts.kill_is_read = read(0, "kill map", facts.kill);
  facts.amounts_are_read = read(1, "share map", facts.share);
  facts.amounts_are_read = read(2, "mirror map", facts.mirror) && facts.amounts_are_read;
  facts.servers_are_read = true;
  for (std::size_t at = 3; at < 5; ++at) {
    const auto servers = parse_servers_state(answers[from + at]);
    if (servers) {
      facts.servers.insert(facts.servers.end(), servers->begin(), servers->end());
    } else {
      facts.servers_are_read = false;
      facts.errors.push_back(servers.error());
    }
  }
  return facts;
}

std::string sentence(const Error& error) {
  return error.why.empty() ? error.what : fmt::format("{}: {}", error.what, error.why);
}

}  // namespace hal9::haproxy
