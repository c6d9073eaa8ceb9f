// Who is in the way of the next hook. While a hook runs, its lock file has one line, `hook PID START`
// (START: /proc/PID/stat, field 22), written before the hook is let go: a hook that a killed
// hal9-migrate left behind is known by it also where it has closed the descriptor that holds the lock.
// What is not that line, or cannot be read, says nothing. Thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace hal9::system {

struct SeenProcess {
  pid_t id = 0;
  std::string name;  // fit for a terminal; empty: not known
};

// "process 4711 (sleep)". Precondition: not empty. No more than a few are named.
std::string in_words(const std::vector<SeenProcess>& processes);

// Both pass over what fails, a full disk for instance: the lock still holds where the hook keeps it.
void record_hook(int lock, pid_t hook);
void forget_hook(int lock);

// The hook that is recorded (the same id and the same start), or else one of its process group, while
// it lives.
std::optional<SeenProcess> recorded_hook(int lock);

// Whoever has an opening of the file that holds a flock on it, as far as this user may see.
std::vector<SeenProcess> holders_of(const std::filesystem::path& lock);

}  // namespace hal9::system
