// The spool's file: lines, and behind them the zero bytes that were put there as room.
//
// Everybody locks the file itself (a full disk has no place for a lock file beside it); since
// remove() puts a new file into its place, whoever got the lock looks whether the name still means
// the file that it locked.
#include "adapters/system/descriptor.h"
#include "adapters/system/spool_lines.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/spool.h"
#include "migration/codec.h"
#include "migration/commands.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace hal9::system {

namespace {

constexpr std::size_t kRoom = std::size_t{64} * 1024;
constexpr std::size_t kMost = std::size_t{16} * 1024 * 1024;
// An emergency does not wait longer for a file; the traffic is cut already.
constexpr std::chrono::milliseconds kWait{1000};

// Where the lines end and the room begins.
// Most of a spool is room, and every command looks at it: by blocks first.
std::size_t end_of_lines(std::string_view bytes) {
  static constexpr std::array<char, 4096> kRoomBlock{};
  constexpr std::string_view kEmpty(kRoomBlock.data(), kRoomBlock.size());
  while (bytes.ends_with(kEmpty)) bytes.remove_suffix(kEmpty.size());
  const std::size_t last = bytes.find_last_not_of('\0');
  return last == std::string_view::npos ? 0 : last + 1;
}

enum class Kind : std::uint8_t { prepared, spare };

class SpoolFile : public engine::Spool {
 public:
  SpoolFile(std::filesystem::path file, std::filesystem::path ledger, Kind kind)
      : file_(std::move(file)), ledger_(std::move(ledger)), kind_(kind) {}

  Result<void> append(const migration::Command& command) override {
    // A mode that is too wide does not lose the record; reading asks for it to be mended.
    auto opened = open_locked(O_RDWR | O_CREAT, LOCK_EX, wrong_owner);
    if (!opened) return pass_on(opened);
    auto bytes = content(*opened);
    if (!bytes) return pass_on(bytes);
    const std::size_t end = end_of_lines(*bytes);
    std::string line = migration::encode_command(command) + "\n";
    // A torn line is ended, so that it spoils itself alone.
    if (end > 0 && (*bytes)[end - 1] != '\n') line.insert(0, 1, '\n');
    if (end + line.size() > kMost) return too_long();
    if (!write_all(opened->get(), line, static_cast<off_t>(end)) ||
        ::fdatasync(opened->get()) != 0) {
      return failed(errno, "cannot be written");
    }
    // Just made, since `init` leaves it with room: then its name is not durable yet.
    if (const int number = bytes->empty() ? sync_folder(file_) : 0; number != 0) {
      return failed(number, "is written, but its folder cannot be synced");
    }
    return {};
  }

  Result<engine::Spooled> read() override {
    auto opened = open_locked(O_RDONLY, LOCK_SH, not_trusted);
    if (!opened) {
      if (opened.error().code == Code::missing ||
          (kind_ == Kind::spare && holds_nothing_of_ours())) {
        return engine::Spooled{};
      }
      Error error = std::move(opened.error());
      // Root's: only a command of root's takes it in.
      if (kind_ == Kind::spare && error.code == Code::read_only) {
        error.next = "sudo hal9-migrate rollback resume";
      }
      return tl::unexpected<Error>(std::move(error));
    }
    auto bytes = content(*opened);
    if (!bytes) return pass_on(bytes);
    return read_spool_lines(*bytes);
  }

  Result<void> remove(const engine::Spooled& taken) override {
    if (taken.bytes == 0) return {};
    auto opened = open_locked(O_RDWR, LOCK_EX, not_trusted);
    if (!opened) return pass_on(opened);
    auto bytes = content(*opened);
    if (!bytes) return pass_on(bytes);
    const std::size_t from = std::min<std::size_t>(taken.bytes, bytes->size());
    std::string rest = bytes->substr(from, std::max(end_of_lines(*bytes), from) - from);
    if (kind_ == Kind::spare) {
      if (!rest.empty()) return write_atomically(file_, rest);
      if (::unlink(file_.c_str()) != 0) return failed(errno, "cannot be removed");
      return {};
    }
    rest.resize(std::max(rest.size(), kRoom), '\0');
    return write_atomically(file_, rest, ledger_, Keeper::owner);
  }

  [[nodiscard]] std::string location() const override { return file_.string(); }

 private:
  using Look = std::string (*)(const struct stat&, std::optional<uid_t>);

  // Whom root trusts as he trusts himself. Nobody else has anybody but himself and root.
  [[nodiscard]] std::optional<uid_t> trusted() const {
    if (::geteuid() != 0) return {};
    return owner_of(ledger_);
  }

  // A spare belongs to whoever makes it: it is like itself.
  [[nodiscard]] Descriptor open_once(int flags) const {
    if ((flags & O_CREAT) != 0) {
      return open_or_make(file_, flags & ~O_CREAT, kind_ == Kind::spare ? file_ : ledger_);
    }
    return Descriptor(::open(file_.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  }

  [[nodiscard]] bool holds_nothing_of_ours() const {
    struct stat named{};
    if (::lstat(file_.c_str(), &named) != 0) return errno == ENOENT;
    return !wrong_owner(named, trusted()).empty() || named.st_size == 0;
  }

  Result<Descriptor> open_locked(int flags, int lock, Look wrong) const {
    // Each round but the last lost against a remove(), which is seldom.
    for (int round = 0; round < 16; ++round) {
      Descriptor file = open_once(flags);
      if (!file.open()) return failed(errno, "cannot be opened");
      struct stat ours{};
      if (::fstat(file.get(), &ours) != 0) return failed(errno, "cannot be looked at");
      if (const std::string why = wrong(ours, trusted()); !why.empty()) return refused(why);
      const int unlocked = lock_within(file.get(), lock, kWait);
      if (unlocked == EWOULDBLOCK) break;
      if (unlocked != 0) return failed(unlocked, "cannot be locked");
      struct stat named{};
      if (::lstat(file_.c_str(), &named) == 0 && named.st_ino == ours.st_ino &&
          named.st_dev == ours.st_dev) {
        return file;
      }
    }
    return fail(Code::locked, "another process holds the spool " + file_.string());
  }

  Result<std::string> content(const Descriptor& opened) const {
    std::string bytes;
    if (!read_all(opened.get(), kMost + 1, bytes)) return failed(errno, "cannot be read");
    if (bytes.size() > kMost) return too_long();
    return bytes;
  }

  [[nodiscard]] tl::unexpected<Error> failed(int number, const std::string& does_not) const {
    if (number == ELOOP) return refused("it is a symbolic link");
    return tl::unexpected<Error>(
        system_error(number, "the spool " + file_.string() + " " + does_not)
    );
  }

  [[nodiscard]] tl::unexpected<Error> refused(const std::string& why) const {
    return fail(
        Code::not_authorised,
        "the spool " + file_.string() + " is not trusted",
        why,
        "nothing of it was used",
        "look into it, then: chmod 600 " + file_.string()
    );
  }

  [[nodiscard]] tl::unexpected<Error> too_long() const {
    return fail(
        Code::full,
        "the spool " + file_.string() + " is longer than " + std::to_string(kMost) + " bytes",
        "that many emergencies were never taken in",
        "it is as it was"
    );
  }

  std::filesystem::path file_;
  std::filesystem::path ledger_;
  Kind kind_;
};

}  // namespace

engine::Spooled read_spool_lines(const std::string& bytes) {
  engine::Spooled spooled;
  spooled.bytes = end_of_lines(bytes);
  std::size_t at = 0;
  while (at < spooled.bytes) {
    const std::size_t end = std::min<std::size_t>(bytes.find('\n', at), spooled.bytes);
    std::string line = bytes.substr(at, end - at);
    at = end + 1;
    std::erase(line, '\0');
    if (line.empty()) continue;
    // Without its newline it was not acknowledged, even if it reads well.
    auto command = end < spooled.bytes ? migration::decode_command(line)
                                       : Result<migration::Command>(fail(Code::damaged, "torn"));
    if (command) {
      spooled.commands.push_back(std::move(*command));
    } else {
      spooled.unreadable.push_back(std::move(line));
    }
  }
  return spooled;
}

std::unique_ptr<engine::Spool> make_spool(
    std::filesystem::path file, std::filesystem::path ledger
) {
  return std::make_unique<SpoolFile>(std::move(file), std::move(ledger), Kind::prepared);
}

std::unique_ptr<engine::Spool> make_spare_spool(
    std::filesystem::path file, std::filesystem::path ledger
) {
  return std::make_unique<SpoolFile>(std::move(file), std::move(ledger), Kind::spare);
}

Result<void> prepare_spool(const std::filesystem::path& file, const std::filesystem::path& ledger) {
  return write_atomically(file, std::string(kRoom, '\0'), ledger, Keeper::owner);
}

}  // namespace hal9::system
