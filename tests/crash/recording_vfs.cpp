#include "crash/recording_vfs.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <sqlite3.h>

namespace hal9::crash {

struct RecordingVfs::State {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  Disk disk = Disk::honest;
  Journal journal;
};

namespace {

RecordingVfs::State* state = nullptr;  // of the one that lives

// SQLite allocates it, and the real VFS's file behind it.
struct File {
  sqlite3_file base;
  sqlite3_file* real;
  const char* name;  // SQLite keeps it until the file is closed; null: not to be written down
};

File* as_file(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}
sqlite3_file* real_of(sqlite3_file* file) {
  return as_file(file)->real;
}

std::string short_name(const char* path) {
  const std::string_view whole(path);
  return std::string(whole.substr(whole.rfind('/') + 1));
}

template <class Kind, class... Rest>
void note(const char* name, Rest&&... rest) {
  if (name != nullptr)
    state->journal.push_back(Kind{short_name(name), std::forward<Rest>(rest)...});
}

int close_file(sqlite3_file* file) {
  return real_of(file)->pMethods->xClose(real_of(file));
}

int read_file(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), into, count, offset);
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const int code = real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
  if (code == SQLITE_OK) {
    note<Write>(
        as_file(file)->name,
        static_cast<std::uint64_t>(offset),
        std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(count))
    );
  }
  return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int code = real_of(file)->pMethods->xTruncate(real_of(file), size);
  if (code == SQLITE_OK) note<Truncate>(as_file(file)->name, static_cast<std::uint64_t>(size));
  return code;
}

int sync_file(sqlite3_file* file, int) {
  if (state->disk != Disk::lying) note<Sync>(as_file(file)->name);
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved(sqlite3_file* file, int* reserved) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

// The control's one switch: the adapter's PRAGMA is answered here and never reaches SQLite.
bool answers_pragma(int operation, void* argument) {
  if (state->disk != Disk::normal || operation != SQLITE_FCNTL_PRAGMA) return false;
  char** const words = static_cast<char**>(argument);
  return sqlite3_stricmp(words[1], "synchronous") == 0 && words[2] != nullptr &&
         sqlite3_stricmp(words[2], "FULL") == 0;
}

int control_file(sqlite3_file* file, int operation, void* argument) {
  if (answers_pragma(operation, argument)) return SQLITE_OK;
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** into) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, into);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void barrier(sqlite3_file* file) {
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

// Without xFetch: the adapter maps nothing, and a mapped write would pass by the journal.
constexpr sqlite3_io_methods kMethods{
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    size_of_file,
    lock_file,
    unlock_file,
    check_reserved,
    control_file,
    sector_size,
    characteristics,
    map_shared,
    lock_shared,
    barrier,
    unmap_shared,
    nullptr,
    nullptr,
};

bool is_there(const char* name) {
  int there = 0;
  state->real->xAccess(state->real, name, SQLITE_ACCESS_EXISTS, &there);
  return there != 0;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  File* const ours = as_file(file);
  ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
  ours->name = name;
  const bool made = name != nullptr && (flags & SQLITE_OPEN_CREATE) != 0 && !is_there(name);
  const int code = state->real->xOpen(state->real, name, ours->real, flags, out_flags);
  // SQLite closes what has methods, also after a failure.
  ours->base.pMethods = ours->real->pMethods == nullptr ? nullptr : &kMethods;
  if (code == SQLITE_OK && made) note<Create>(name);
  return code;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_folder) {
  const int code = state->real->xDelete(state->real, name, 0);
  if (code == SQLITE_OK) {
    note<Remove>(name);
    if (sync_folder != 0 && state->disk != Disk::lying) state->journal.emplace_back(SyncFolder{});
  }
  return code;
}

// Every connection, before the adapter's own settings: the PRAGMA that is not taken from it.
int begin_at_normal(sqlite3* database, const char**, const sqlite3_api_routines*) {
  return sqlite3_exec(database, "PRAGMA synchronous = NORMAL", nullptr, nullptr, nullptr);
}

void (*extension())() {
  return reinterpret_cast<void (*)()>(begin_at_normal);
}

}  // namespace

RecordingVfs::RecordingVfs(Disk disk) : state_(std::make_unique<State>()) {
  if (state != nullptr) throw std::logic_error("there is a recording VFS already");
  state_->real = sqlite3_vfs_find(nullptr);
  state_->disk = disk;
  state_->vfs = *state_->real;
  state_->vfs.zName = "hal9-recording";
  state_->vfs.pNext = nullptr;
  state_->vfs.szOsFile = static_cast<int>(sizeof(File)) + state_->real->szOsFile;
  state_->vfs.xOpen = open_file;
  state_->vfs.xDelete = delete_file;
  state = state_.get();
  if (sqlite3_vfs_register(&state_->vfs, 1) != SQLITE_OK) throw std::runtime_error("no VFS");
  if (disk == Disk::normal) sqlite3_auto_extension(extension());
}

RecordingVfs::~RecordingVfs() {
  sqlite3_cancel_auto_extension(extension());
  sqlite3_vfs_unregister(&state_->vfs);
  sqlite3_vfs_register(state_->real, 1);
  state = nullptr;
}

void RecordingVfs::acknowledge(std::uint64_t events) {
  state_->journal.emplace_back(Acknowledged{events});
}

Journal RecordingVfs::take() {
  return std::exchange(state_->journal, {});
}

}  // namespace hal9::crash
