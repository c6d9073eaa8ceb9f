#include "adapters/haproxy/map_file.h"

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "base/share.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::haproxy {
namespace {

constexpr std::size_t kFileLimit = std::size_t{16} << 20U;

tl::unexpected<Error> cannot(std::string_view verb, const std::string& path, int error) {
  auto code = Code::failed;
  if (error == ENOSPC || error == EDQUOT) code = Code::full;
  if (error == EROFS || error == EACCES || error == EPERM) code = Code::read_only;
  return fail(
      code,
      fmt::format("cannot {} the map file {}", verb, path),
      std::generic_category().message(error)
  );
}

struct Line {
  std::string_view text;  // whole, without its newline
  std::string_view key;   // empty: a comment or a blank line
  std::string_view value;
};

Line parse_line(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos || text[start] == '#') return {text, {}, {}};
  const auto end = text.find_first_of(kBlanks, start);
  if (end == std::string_view::npos) return {text, text.substr(start), {}};
  const auto value = text.find_first_not_of(kBlanks, end);
  return {
      text,
      text.substr(start, end - start),
      value == std::string_view::npos ? std::string_view{} : text.substr(value)
  };
}

// Goes through the lines; `amount` gives a key's new value, or nothing to keep the line.
std::string rewrite(
    std::string_view text, const std::function<std::optional<Share>(const Line&)>& amount
) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = parse_line(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const auto share = line.key.empty() ? std::nullopt : amount(line);
    if (share) {
      out += fmt::format("{} {}\n", line.key, share->hundredths());
    } else {
      out += fmt::format("{}\n", line.text);
    }
  }
  return out;
}

Share value_in_file(const Line& line) {
  return values_of({{std::string{line.key}, std::string{line.value}}}, {})
      .find(line.key)
      .value_or(Share::all());
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return cannot("write", path, n < 0 ? errno : EIO);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0) return cannot("sync", path, errno);
  return {};
}

Result<void> sync_folder(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string{"."} : path.substr(0, slash + 1);
  const Descriptor fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd.is_open() || ::fsync(fd.get()) != 0) return cannot("sync the folder of", path, errno);
  return {};
}

// HAProxy may run as another user: the new file has to be as readable as the old one.
void keep_owner_and_mode(const std::string& path, int fd) {
  struct stat old{};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  std::ignore = ::fchmod(fd, exists ? old.st_mode & 07777U : 0644U);
  // Only root may give files away; without the right the mode still lets HAProxy read it.
  if (exists) std::ignore = ::fchown(fd, old.st_uid, old.st_gid);
}

Result<void> write_beside(
    const std::string& path, const std::string& beside, std::string_view text
) {
  const Descriptor fd{
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)
  };
  if (!fd.is_open()) return cannot("write", path, errno);
  keep_owner_and_mode(path, fd.get());
  return write_all(fd.get(), text, path);
}

Result<void> replace_file(const std::string& path, std::string_view text) {
  // Its own name for each process: an emergency may write while another process does.
  const auto beside = fmt::format("{}.{}.new", path, ::getpid());
  auto written = write_beside(path, beside, text);
  if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
    written = cannot("replace", path, errno);
  }
  if (!written) ::unlink(beside.c_str());
  return written;
}

}  // namespace

std::string merge_map(std::string_view text, const Amounts& amounts, Merge how) {
  Amounts missing = amounts;
  auto out = rewrite(text, [&](const Line& line) -> std::optional<Share> {
    const auto asked = amounts.find(line.key);
    if (asked == amounts.end()) return std::nullopt;
    if (const auto found = missing.find(line.key); found != missing.end()) missing.erase(found);
    if (how == Merge::replace) return asked->second;
    return std::min(asked->second, value_in_file(line));
  });
  for (const auto& [key, share] : missing) {
    const auto value = how == Merge::lower ? Share::none() : share;
    out += fmt::format("{} {}\n", key, value.hundredths());
  }
  return out;
}

std::string zero_map(std::string_view text) {
  return rewrite(text, [](const Line&) { return std::optional{Share::none()}; });
}

std::vector<MapEntry> entries_of(std::string_view text) {
  std::vector<MapEntry> entries;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = parse_line(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.key.empty()) continue;
    const auto last = line.value.find_last_not_of(" \t\r");
    entries.push_back({std::string{line.key}, std::string{line.value.substr(0, last + 1)}});
  }
  return entries;
}

Result<std::string> read_map_file(const std::string& path) {
  const Descriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd.is_open()) {
    if (errno == ENOENT) return std::string{};
    return cannot("read", path, errno);
  }
  std::string text;
  char buffer[16384];
  while (true) {
    const auto n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return cannot("read", path, errno);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > kFileLimit) return cannot("read", path, EFBIG);
  }
}

// The folder is synced also when no file had to change: an earlier sync of it may have failed.
std::vector<Result<void>> write_map_files(const std::vector<MapText>& files) {
  std::vector<Result<void>> results;
  results.reserve(files.size());
  for (const auto& [path, text] : files) {
    const auto old = read_map_file(path);
    const bool there = old && *old == text && !text.empty();
    results.push_back(there ? Result<void>() : replace_file(path, text));
  }
  const auto followed = [](const Result<void>& result) { return result.has_value(); };
  if (std::ranges::none_of(results, followed)) return results;
  if (const auto synced = sync_folder(files.front().path); !synced) {
    std::ranges::replace_if(results, followed, synced);
  }
  return results;
}

Result<void> prove_map_files(const std::vector<std::string>& paths) {
  std::string text;
  for (const auto& path : paths) {
    auto read = read_map_file(path);
    if (!read) return pass_on(read);
    if (path == paths.front()) text = std::move(*read);
  }
  if (paths.empty()) return {};
  // Never the name that a real change uses: an emergency may be writing at this moment.
  const auto beside = fmt::format("{}.{}.proof", paths.front(), ::getpid());
  auto written = write_beside(paths.front(), beside, text);
  ::unlink(beside.c_str());
  return written;
}

}  // namespace hal9::haproxy
