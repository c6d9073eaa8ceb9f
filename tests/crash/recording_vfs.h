// A VFS over SQLite's own that writes down, in order, everything that a disk would have to keep: the
// adapter runs as it always does, on real files, and the journal says what a power cut could have
// left of them (power_cut.h).
//
// Nothing is really synced: what counts is what the journal says. The two controls are switched
// here, so that the program under test is the same: a sync that lies, and a connection that stays at
// synchronous=NORMAL (the VFS may answer a PRAGMA in SQLite's place).
//
// Thread safety: none. One at a time; it is the default VFS as long as it lives.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace hal9::crash {

// Files are known by their names without a folder.
struct Write {
  std::string file;
  std::uint64_t offset = 0;
  std::string bytes;
};
struct Truncate {
  std::string file;
  std::uint64_t size = 0;
};
struct Create {
  std::string file;
};
struct Remove {
  std::string file;
};
// The file's bytes, and its name if it is new: SQLite's VFS syncs the folder then.
struct Sync {
  std::string file;
};
// Every name that was made or removed.
struct SyncFolder {};
// Not the disk's: from here on the caller was told that so many events are recorded.
struct Acknowledged {
  std::uint64_t events = 0;
};
using Step = std::variant<Write, Truncate, Create, Remove, Sync, SyncFolder, Acknowledged>;
using Journal = std::vector<Step>;

enum class Disk : std::uint8_t {
  honest,
  lying,   // control: a sync answers and does nothing
  normal,  // control: synchronous=FULL is not taken, NORMAL is
};

class RecordingVfs {
 public:
  explicit RecordingVfs(Disk disk);
  RecordingVfs(const RecordingVfs&) = delete;
  RecordingVfs& operator=(const RecordingVfs&) = delete;
  ~RecordingVfs();

  void acknowledge(std::uint64_t events);
  // What was written down since the last time.
  Journal take();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace hal9::crash
