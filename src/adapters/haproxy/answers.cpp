#include "adapters/haproxy/answers.h"

#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

constexpr std::size_t kShown = 80;

tl::unexpected<Error> odd(std::string_view answer, std::string_view why, std::string_view where) {
  return fail(
      Code::failed,
      fmt::format("HAProxy's answer to `{}` makes no sense", answer),
      fmt::format("{}: \"{}\"", why, escape_terminal(shorten(where, kShown)))
  );
}

// Splits off the text up to `separator`; the rest stays in `text`.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

std::string_view take_line(std::string_view& text) {
  auto line = take(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (!line.empty()) {
    const auto word = take(line, ' ');
    if (!word.empty()) found.push_back(word);
  }
  return found;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = std::to_address(text.end());
  const auto [rest, error] = std::from_chars(std::to_address(text.begin()), end, value);
  if (error != std::errc{} || rest != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> small_number(std::string_view text) {
  const auto value = number(text);
  if (!value || *value > 0xffffU) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<std::size_t> position(const std::vector<std::string>& header, std::string_view name) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] == name) return i;
  }
  return std::nullopt;
}

// One CSV record (RFC 4180, without newlines inside quotes); nothing on an open quote.
std::optional<std::vector<std::string>> fields(std::string_view line) {
  std::vector<std::string> found(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        found.back() += line[++i];
      } else {
        quoted = !quoted;
      }
    } else if (c == ',' && !quoted) {
      found.emplace_back();
    } else {
      found.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  return found;
}

std::optional<std::uint64_t> counter(const std::string& text) {
  return text.empty() ? std::optional<std::uint64_t>{0} : number(text);
}

// Absent: the row has no such column. Nothing at all: what stands there is no number.
std::optional<std::optional<std::uint32_t>> small_in(
    const auto& row, std::optional<std::size_t> place
) {
  if (!place) return std::optional<std::uint32_t>{};
  const auto found = small_number(row[*place]);
  if (!found) return std::nullopt;
  return found;
}

// Places of the columns that are read, in the order of the names asked for.
Result<std::vector<std::size_t>> columns(
    const std::vector<std::string>& header,
    const std::vector<std::string_view>& names,
    std::string_view answer
) {
  std::vector<std::size_t> places;
  for (const auto name : names) {
    const auto place = position(header, name);
    if (!place) return odd(answer, "a column is missing", name);
    places.push_back(*place);
  }
  return places;
}

}  // namespace

bool is_safe_word(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-";
  constexpr std::size_t kLongestRoute = 64 + 1 + 64;  // region.component
  return !text.empty() && text.size() <= kLongestRoute &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<std::vector<MapEntry>> parse_map(std::string_view answer) {
  std::vector<MapEntry> entries;
  auto rest = answer;
  while (!rest.empty()) {
    const auto whole = take_line(rest);
    if (whole.empty()) continue;
    if (whole.starts_with("Unknown map")) {
      return fail(
          Code::failed,
          "HAProxy does not know one of the maps",
          std::string{whole},
          {},
          "hal9-migrate router haproxy-config"
      );
    }
    auto line = whole;
    const auto address = take(line, ' ');
    const auto key = take(line, ' ');
    if (!address.starts_with("0x") || key.empty()) return odd("show map", "not an entry", whole);
    entries.push_back({std::string{key}, std::string{line}});
  }
  return entries;
}

Result<std::uint64_t> parse_new_version(std::string_view answer) {
  constexpr std::string_view kStart = "New version created: ";
  auto rest = answer;
  auto line = take_line(rest);
  if (!line.starts_with(kStart)) return odd("prepare map", "no new version", answer);
  const auto version = number(line.substr(kStart.size()));
  if (!version) return odd("prepare map", "the version is no number", line);
  return *version;
}

Result<void> expect_silence(std::string_view answer, std::string_view what) {
  while (!answer.empty() && answer.back() == '\n') answer.remove_suffix(1);
  if (answer.empty()) return {};
  return fail(Code::failed, std::string{what}, escape_terminal(shorten(answer, kShown)));
}

Result<std::vector<ServerState>> parse_servers_state(std::string_view answer) {
  constexpr std::string_view kAsked = "show servers state";
  auto rest = answer;
  if (is_unknown(answer)) {
    return fail(
        Code::failed,
        "HAProxy has no such backend",
        std::string("it says: ") + std::string(take_line(rest))
    );
  }
  if (take_line(rest) != "1") return odd(kAsked, "the format is not version 1", answer);
  auto first = take_line(rest);
  if (!first.starts_with("# ")) return odd(kAsked, "no header", first);
  std::vector<std::string> header;
  for (const auto word : words(first.substr(2))) header.emplace_back(word);
  const auto at =
      columns(header, {"be_name", "srv_name", "srv_op_state", "srv_admin_state"}, kAsked);
  if (!at) return tl::unexpected(at.error());
  const auto weight_at = position(header, "srv_uweight");
  const auto initial_at = position(header, "srv_iweight");
  std::vector<ServerState> servers;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (line.empty()) continue;
    const auto row = words(line);
    if (row.size() < header.size()) return odd(kAsked, "a row is too short", line);
    const auto operation = small_number(row[(*at)[2]]);
    const auto administration = small_number(row[(*at)[3]]);
    if (!operation || !administration) return odd(kAsked, "a state is no number", line);
    const auto weight = small_in(row, weight_at);
    const auto initial = small_in(row, initial_at);
    if (!weight || !initial) return odd(kAsked, "a weight is no number", line);
    const auto backend = row[(*at)[0]];
    const auto name = row[(*at)[1]];
    if (!is_safe_word(backend) || !is_safe_word(name)) {
      return odd(kAsked, "a name has characters that are not safe", line);
    }
    servers.push_back(
        {std::string{backend}, std::string{name}, *operation, *administration, *weight, *initial}
    );
  }
  return servers;
}

Result<std::vector<StatRow>> parse_stat(std::string_view answer) {
  constexpr std::string_view kAsked = "show stat";
  auto rest = answer;
  auto first = take_line(rest);
  if (!first.starts_with("# ")) return odd(kAsked, "no header", first);
  const auto header = fields(first.substr(2));
  if (!header) return odd(kAsked, "a quote is open in the header", first);
  const auto at = columns(*header, {"pxname", "svname", "scur", "qcur", "stot", "lbtot"}, kAsked);
  if (!at) return tl::unexpected(at.error());
  const auto weight_at = position(*header, "weight");
  const auto backup_at = position(*header, "bck");
  std::vector<StatRow> rows;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (line.empty()) continue;
    const auto row = fields(line);
    if (!row || row->size() < header->size()) return odd(kAsked, "a row is broken", line);
    const auto current = counter((*row)[(*at)[2]]);
    const auto queued = counter((*row)[(*at)[3]]);
    const auto sessions = counter((*row)[(*at)[4]]);
    const auto balanced = counter((*row)[(*at)[5]]);
    // A frontend has none.
    const auto weight = weight_at && (*row)[*weight_at].empty()
                            ? std::optional(std::optional<std::uint32_t>{0})
                            : small_in(*row, weight_at);
    // Of a backend's own row it is a number of servers.
    const bool backup = backup_at && (*row)[(*at)[1]] != "BACKEND" && (*row)[*backup_at] == "1";
    if (!current || !queued || !sessions || !balanced || !weight) {
      return odd(kAsked, "a counter is no number", line);
    }
    rows.push_back(
        {(*row)[(*at)[0]],
         (*row)[(*at)[1]],
         *current,
         *queued,
         *sessions,
         *balanced,
         *weight,
         backup}
    );
  }
  return rows;
}

Result<ProcessInfo> parse_info(std::string_view answer) {
  constexpr std::string_view kAsked = "show info";
  std::optional<std::uint64_t> pid;
  std::optional<std::uint64_t> started = 0;
  auto rest = answer;
  while (!rest.empty()) {
    auto value = take_line(rest);
    const auto name = take(value, ':');
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "Pid") pid = number(value);
    if (name == "Start_time_sec") started = number(value);
  }
  if (!pid) return odd(kAsked, "Pid is missing or no number", answer);
  if (!started) return odd(kAsked, "Start_time_sec is no number", answer);
  return ProcessInfo{*pid, *started};
}

Result<Processes> parse_processes(std::string_view answer) {
  constexpr std::string_view kAsked = "show proc";
  constexpr std::string_view kFailed = "[failed: ";
  Processes processes;
  bool master = false;
  std::string_view part;  // "# workers", "# old workers", "# programs"
  auto rest = answer;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (line.empty()) continue;
    if (line.starts_with("# ")) part = line.substr(2);
    if (line.starts_with('#')) continue;
    const auto row = words(line);
    const auto pid = row.size() < 2 ? std::nullopt : number(row[0]);
    if (!pid) return odd(kAsked, "a row without a pid", line);
    if (row[1] == "master") {
      master = true;
      const auto at = line.find(kFailed);
      if (at == std::string_view::npos) continue;  // this version does not say
      const auto end = line.find(']', at);
      const auto failed = number(line.substr(at, end - at).substr(kFailed.size()));
      if (!failed) return odd(kAsked, "failed reloads are no number", line);
      processes.failed_reloads = *failed;
    } else if (row[1] == "worker" && part == "old workers") {
      processes.old_workers.push_back(*pid);
    }
  }
  if (!master) return odd(kAsked, "no master", answer);
  return processes;
}

namespace {

// Sessions of whose words `wanted` is true.
Result<std::vector<std::string>> sessions_where(std::string_view answer, const auto& wanted) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::vector<std::string> sessions;
  auto rest = answer;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (line.empty()) continue;
    const auto id = line.substr(0, line.find(':'));
    const bool good = id.starts_with("0x") && id.size() > 2 && id.size() <= 18 &&
                      id.find_first_not_of(kDigits, 2) == std::string_view::npos;
    if (!good) return odd("show sess", "not a session", line);
    if (wanted(words(line))) sessions.emplace_back(id);
  }
  return sessions;
}

// What stands behind `name` in the first word that begins with it.
std::string_view word_of(const std::vector<std::string_view>& line, std::string_view name) {
  for (const auto word : line) {
    if (word.starts_with(name)) return word.substr(name.size());
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> parse_sessions(
    std::string_view answer, const std::vector<std::string>& backends
) {
  return sessions_where(answer, [&](const auto& line) {
    return std::ranges::find(backends, word_of(line, "be=")) != backends.end();
  });
}

Result<std::vector<std::string>> parse_sessions_at(
    std::string_view answer, std::string_view backend, const std::vector<std::string>& servers
) {
  return sessions_where(answer, [&](const auto& line) {
    return word_of(line, "be=") == backend &&
           std::ranges::find(servers, word_of(line, "srv=")) != servers.end();
  });
}

bool is_unknown(std::string_view answer) {
  return answer.starts_with("Unknown map") || answer.starts_with("No such proxy") ||
         answer.starts_with("Can't find backend");
}

Result<std::vector<TableRow>> parse_table(std::string_view answer) {
  constexpr std::string_view kAsked = "show table";
  if (answer.starts_with("No such table")) return std::vector<TableRow>{};
  auto rest = answer;
  const auto header = take_line(rest);
  if (!header.starts_with("# table:")) return odd(kAsked, "no header", header);
  std::vector<TableRow> rows;
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (line.empty()) continue;
    std::optional<std::string_view> key;
    std::optional<std::uint64_t> requests;
    for (const auto word : words(line)) {
      if (word.starts_with("key=")) key = word.substr(4);
      if (word.starts_with("http_req_cnt=")) requests = number(word.substr(13));
    }
    if (!key || !requests) return odd(kAsked, "a row without key or http_req_cnt", line);
    rows.push_back({std::string{*key}, *requests});
  }
  return rows;
}

}  // namespace hal9::haproxy
