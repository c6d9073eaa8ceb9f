#include "adapters/sqlite/header_look.h"

#include "base/result.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::sqlite {

namespace {

struct OpenFiles {
  std::mutex mutex;
  std::map<FileIdentity, int> count;
};
OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

class Counted : public OpenFile {
 public:
  explicit Counted(FileIdentity identity) : identity_(identity) {}  // counted by look()
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() override {
    const std::lock_guard lock(open_files().mutex);
    if (--open_files().count[identity_] == 0) open_files().count.erase(identity_);
  }

 private:
  FileIdentity identity_;
};

// SQLite's file format, section 1.3: the 100 bytes at the front.
constexpr std::size_t kHeader = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kUserVersionAt = 60;
constexpr std::size_t kApplicationIdAt = 68;

std::uint32_t big_endian(const std::array<unsigned char, kHeader>& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
         std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

tl::unexpected<Error> not_ours(const std::filesystem::path& file, const char* why) {
  return fail(
      Code::not_ours,
      file.string() + " is not a ledger of hal9-migrate",
      why,
      "it was not touched",
      "hal9-migrate config view"
  );
}

Result<void> check_header(
    const std::array<unsigned char, kHeader>& bytes,
    const std::filesystem::path& file,
    std::uint32_t newest
) {
  if (std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return not_ours(file, "it is not an SQLite database, or its beginning was overwritten");
  }
  if (big_endian(bytes, kApplicationIdAt) != kApplicationId) {
    return not_ours(file, "it is another program's database");
  }
  const std::uint32_t version = big_endian(bytes, kUserVersionAt);
  if (version > newest) {
    return fail(
        Code::newer,
        file.string() + " was written by a newer hal9-migrate",
        "its schema is " + std::to_string(version) + ", this version knows " +
            std::to_string(newest),
        "it was not touched",
        "hal9-migrate version"
    );
  }
  return {};
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::filesystem::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  return FileIdentity{found.st_dev, found.st_ino};
}

Result<std::unique_ptr<OpenFile>> look(const std::filesystem::path& file, std::uint32_t newest) {
  const std::lock_guard lock(open_files().mutex);
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) {
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    return fail(
        absent ? Code::missing : Code::unreachable,
        absent ? "there is no ledger at " + file.string()
               : "the ledger " + file.string() + " cannot be looked at",
        absent
            ? "--ledger, HAL9_LEDGER or the configuration name it; traffic comes down without it: "
              "hal9-migrate rollback"
            : std::strerror(errno),
        "nothing was changed",
        absent ? "hal9-migrate config view" : "ls -l"
    );
  }
  if (!S_ISREG(found.st_mode)) return not_ours(file, "it is not a regular file");
  const FileIdentity identity{found.st_dev, found.st_ino};
  int& count = open_files().count[identity];
  if (count == 0) {
    std::array<unsigned char, kHeader> bytes{};
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t read = descriptor < 0 ? -1 : ::pread(descriptor, bytes.data(), bytes.size(), 0);
    if (descriptor >= 0) ::close(descriptor);
    Result<void> checked = {};
    if (read < 0) {
      checked = fail(
          Code::unreachable, "the ledger " + file.string() + " cannot be read", std::strerror(errno)
      );
    } else if (static_cast<std::size_t>(read) < bytes.size()) {
      checked = not_ours(file, "it is shorter than any ledger");
    } else {
      checked = check_header(bytes, file, newest);
    }
    if (!checked) {
      open_files().count.erase(identity);
      return pass_on(checked);
    }
  }
  ++count;
  return std::unique_ptr<OpenFile>(std::make_unique<Counted>(identity));
}

}  // namespace hal9::sqlite
