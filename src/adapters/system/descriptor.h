// File descriptors and errno behind values, for the files of this folder.
//
// A Descriptor owns its number and closes it; it is moved, never copied. Not thread-safe.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>
#include <sys/types.h>

namespace hal9::system {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// The error of a system call that set errno to `number`: full, read_only, missing or failed.
// `what` is the first sentence; errno's text is the second.
Error system_error(int number, std::string what);

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

// Whom a file made beside `like` should belong to: the owner of `like` itself if it is a regular
// file (a link is not followed), else of its folder. Nothing where neither can be looked at.
std::optional<Owner> owner_like(const std::filesystem::path& like);

// What root makes beside somebody's ledger is given to him, or his next command could not open it.
// Before anything is written; does nothing when we are not root. A failure is passed over: a file
// that stays root's is better than an emergency that stops.
void give_like(int descriptor, const std::filesystem::path& like);

// Opens `file`, or makes it 0600 and gives it like `like`. Only what was made here is given away: a
// file that was there might be a hard link to something else. Follows no link. Not open: errno.
Descriptor open_or_make(
    const std::filesystem::path& file, int flags, const std::filesystem::path& like
);

// What is wrong with the owner and kind of an open file, or empty: regular, ours, root's, or that of
// `other` where there is one.
std::string wrong_owner(const struct stat& status, std::optional<uid_t> other = {});
// The same, and not writable by group or others.
std::string not_trusted(const struct stat& status, std::optional<uid_t> other = {});

// All bytes, over short writes and EINTR; false with errno set.
bool write_all(int descriptor, std::string_view bytes, off_t offset);
// What is there up to `limit` bytes from the file's beginning; false with errno set.
bool read_all(int descriptor, std::size_t limit, std::string& bytes);

// The folder that `file` stands in; "." where the path says none.
std::filesystem::path folder_of(const std::filesystem::path& file);
// Makes a new or renamed file's name durable: fsync(2) of its folder. 0, or errno's number.
int sync_folder(const std::filesystem::path& file);

// flock(2) with `operation` (LOCK_EX, LOCK_SH), tried until `wait` is over. 0, or errno's number;
// EWOULDBLOCK: another holds it.
int lock_within(int descriptor, int operation, std::chrono::milliseconds wait);

}  // namespace hal9::system
