#include "adapters/system/hook_record.h"

#include "adapters/system/descriptor.h"
#include "base/escape.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace hal9::system {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestRecord = 64;
constexpr std::size_t kNamed = 3;

struct Recorded {
  pid_t id = 0;
  std::uint64_t start = 0;
};

struct Seen {
  bool alive = false;
  pid_t group = 0;
  std::uint64_t start = 0;  // in ticks since the machine came up
};

// Of a file of /proc. Empty: it is gone, or not to be seen. A stream would throw where a process ends
// between opening and reading.
std::string content(const fs::path& file) {
  constexpr std::size_t kMost = 16384;
  std::string bytes;
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.open() || !read_all(opened.get(), kMost, bytes)) return {};
  return bytes;
}

// By proc_pid_stat(5). Nothing: there is no such process, or it is not to be seen.
std::optional<Seen> look_at(pid_t id) {
  const std::string stat = content(fmt::format("/proc/{}/stat", id));
  // The name before it is the process's own, with any character in it.
  const auto name_ends = stat.rfind(')');
  if (name_ends == std::string::npos) return {};
  std::istringstream fields(stat.substr(name_ends + 1));
  char state = 0;
  pid_t parent = 0;
  Seen seen;
  fields >> state >> parent >> seen.group;
  constexpr int kGroup = 5;
  constexpr int kStart = 22;
  std::string passed;
  for (int field = kGroup + 1; field < kStart; ++field) fields >> passed;
  fields >> seen.start;
  if (!fields) return {};
  // A dead one that nobody has collected yet does nothing any more.
  seen.alive = state != 'Z' && state != 'X';
  return seen;
}

template <class T>
bool take_number(std::string_view& text, T& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// A hook has the file open, too, and may have written anything into it.
std::optional<Recorded> read_record(int lock) {
  std::string bytes;
  if (!read_all(lock, kLongestRecord, bytes)) return {};
  std::string_view text = bytes;
  Recorded recorded;
  const bool whole = take(text, "hook ") && take_number(text, recorded.id) && take(text, " ") &&
                     take_number(text, recorded.start) && text == "\n";
  if (!whole || recorded.id <= 1) return {};
  return recorded;
}

// Until `visit` says that it has seen enough.
template <class Visit>
void each_process(const Visit& visit) {
  std::error_code failed;
  for (fs::directory_iterator at("/proc", failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string number = at->path().filename().string();
    std::string_view rest = number;
    pid_t id = 0;
    if (!take_number(rest, id) || !rest.empty()) continue;
    if (visit(id)) return;
  }
}

SeenProcess seen_process(pid_t id) {
  std::string name = content(fmt::format("/proc/{}/comm", id));
  if (name.ends_with('\n')) name.pop_back();
  return {id, escape_terminal(to_utf8(name))};
}

// An opening that holds a flock is said by its fdinfo. Nothing is asked of the file itself: another
// one of that process may lie on a file system that does not answer.
bool holds(pid_t id, const fs::path& lock, ino_t inode) {
  std::error_code failed;
  const std::string folder = fmt::format("/proc/{}/fd", id);
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code gone;
    if (fs::read_symlink(at->path(), gone) != lock) continue;
    std::istringstream lines(
        content(fmt::format("/proc/{}/fdinfo/{}", id, at->path().filename().string()))
    );
    const std::string place = fmt::format(":{} ", inode);
    for (std::string line; std::getline(lines, line);) {
      const bool flock = line.starts_with("lock:") && line.find(" FLOCK ") != std::string::npos;
      if (flock && line.find(place) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

std::string in_words(const std::vector<SeenProcess>& processes) {
  std::string text = processes.size() == 1 ? "process " : "processes ";
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (i == kNamed) return text + fmt::format(" and {} more", processes.size() - i);
    const auto& one = processes.at(i);
    text += (i == 0 ? "" : ", ") + std::to_string(one.id);
    if (!one.name.empty()) text += " (" + one.name + ")";
  }
  return text;
}

void record_hook(int lock, pid_t hook) {
  const auto seen = look_at(hook);
  if (!seen) return;
  forget_hook(lock);
  std::ignore = write_all(lock, fmt::format("hook {} {}\n", hook, seen->start), 0);
}

void forget_hook(int lock) {
  std::ignore = ::ftruncate(lock, 0);
}

std::optional<SeenProcess> recorded_hook(int lock) {
  const auto recorded = read_record(lock);
  if (!recorded) return {};
  const auto hook = look_at(recorded->id);
  // Its id is another's: that is not given away while a group of this number is there.
  if (hook && hook->start != recorded->start) return {};
  if (hook && hook->alive) return seen_process(recorded->id);
  std::optional<SeenProcess> left;
  each_process([&](pid_t id) {
    const auto one = look_at(id);
    const bool of_it =
        one && one->alive && one->group == recorded->id && one->start >= recorded->start;
    if (of_it) left = seen_process(id);
    return of_it;
  });
  return left;
}

std::vector<SeenProcess> holders_of(const fs::path& lock) {
  struct stat status{};
  if (::stat(lock.c_str(), &status) != 0) return {};
  std::error_code failed;
  const fs::path whole = fs::canonical(lock, failed);
  if (failed) return {};
  std::vector<SeenProcess> found;
  each_process([&](pid_t id) {
    if (holds(id, whole, status.st_ino)) found.push_back(seen_process(id));
    return false;
  });
  return found;
}

}  // namespace hal9::system
