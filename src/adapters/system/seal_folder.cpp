#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/seals.h"
#include "ledger/note.h"
#include "ledger/seal.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace hal9::system {

namespace {

// A seal has some 300 bytes; a signed one of many keys still fits.
constexpr std::size_t kLongestSeal = 64UL << 10U;
// Hidden: no seal. Its time is what it says.
constexpr const char* kTried = ".tried";

class SealFolder : public engine::OwnSeals {
 public:
  SealFolder(std::filesystem::path folder, std::optional<std::filesystem::path> ledger)
      : folder_(std::move(folder)), ledger_(std::move(ledger)) {}

  [[nodiscard]] std::string location() const override { return folder_.string(); }

  Result<std::vector<engine::KeptFile>> read() override {
    auto listed = files();
    if (!listed) return pass_on(listed);
    std::vector<engine::KeptFile> read;
    read.reserve(listed->size());
    for (const auto& file : *listed) read.push_back(read_file(file));
    return read;
  }

  Result<std::optional<ledger::TreeHead>> newest() override {
    auto listed = files();
    if (!listed) return pass_on(listed);
    for (const auto& file : *listed | std::views::reverse) {
      const auto seal = ledger::parse_seal(read_file(file).bytes);
      if (seal && file.filename() == ledger::seal_name(*seal)) return seal->head;
    }
    return std::nullopt;
  }

  std::optional<Time> tried() override {
    struct stat status{};
    const int there = ::fstatat(AT_FDCWD, (folder_ / kTried).c_str(), &status, AT_SYMLINK_NOFOLLOW);
    if (there != 0) return {};
    const std::chrono::nanoseconds behind(status.st_mtim.tv_nsec);
    const Micros since =
        std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::duration_cast<Micros>(behind);
    return Time(since);
  }

  Result<void> set_tried(std::optional<Time> when) override {
    if (!when && !tried()) return {};
    auto folder = folder_to_write();
    if (!folder) return pass_on(folder);
    return when ? mark(folder->get(), *when) : unmark(folder->get());
  }

  Result<void> put(std::uint64_t size, const std::string& key, const std::string& note) override {
    auto folder = folder_to_write();
    if (!folder) return pass_on(folder);
    const auto file = folder_ / ledger::seal_name(size, key);
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
      if (read_file(file).bytes == note) return {};
      return fail(
          Code::conflict,
          "another seal of this size is there: " + file.string(),
          "what was sealed is never replaced",
          "it was left as it is",
          "hal9-migrate ledger verify"
      );
    }
    return write_atomically_in(folder->get(), file, note, ledger_.value_or(file), Keeper::owner);
  }

 private:
  // In the order of their names.
  Result<std::vector<std::filesystem::path>> files() {
    std::error_code error;
    std::vector<std::filesystem::path> found;
    std::filesystem::directory_iterator entry(folder_, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      // Hidden ones are being written.
      if (entry->path().extension() == ".seal" && entry->path().filename().string()[0] != '.') {
        found.push_back(entry->path());
      }
    }
    if (error == std::errc::no_such_file_or_directory && ledger_) return found;
    if (error) return tl::unexpected<Error>(system_error(error.value(), cannot("read")));
    std::ranges::sort(found);
    return found;
  }

  [[nodiscard]] std::string cannot(const char* what) const {
    return fmt::format("the seals in {} cannot be {}", folder_.string(), what);
  }

  // One that cannot be read is worth as much as one that is not there: the others are.
  static engine::KeptFile read_file(const std::filesystem::path& file) {
    engine::KeptFile kept{file.filename().string(), {}, {}};
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status{};
    if (!opened.open() || ::fstat(opened.get(), &status) != 0) {
      kept.problem = errno == ELOOP ? "it is a link" : system_error(errno, {}).why;
    } else if (!S_ISREG(status.st_mode)) {
      kept.problem = "it is no file";
    } else if (!read_all(opened.get(), kLongestSeal, kept.bytes)) {
      kept.problem = system_error(errno, {}).why;
      kept.bytes.clear();
    }
    return kept;
  }

  [[nodiscard]] Result<void> mark(int folder, Time when) const {
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    const Descriptor made(::openat(folder, kTried, kNew, S_IRUSR | S_IWUSR));
    if (made.open() && ledger_) give_like(made.get(), *ledger_);
    const auto since = when.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    timespec time{};
    time.tv_sec = seconds.count();
    time.tv_nsec = std::chrono::nanoseconds(since - seconds).count();
    const std::array<timespec, 2> times{time, time};
    if (!made.open() && errno != EEXIST) return not_marked();
    if (::utimensat(folder, kTried, times.data(), AT_SYMLINK_NOFOLLOW) == 0) return {};
    return not_marked();
  }

  [[nodiscard]] Result<void> unmark(int folder) const {
    if (::unlinkat(folder, kTried, 0) == 0 || errno == ENOENT) return {};
    return not_marked();
  }

  [[nodiscard]] tl::unexpected<Error> not_marked() const {
    return tl::unexpected<Error>(
        system_error(errno, (folder_ / kTried).string() + " cannot be written")
    );
  }

  // The one beside the ledger is made, and is no link: root would write where its owner points. A
  // witness's that is not there may be a mount that is not up.
  Result<Descriptor> folder_to_write() {
    const bool made = ledger_ && ::mkdir(folder_.c_str(), 0700) == 0;
    if (ledger_ && !made && errno != EEXIST) {
      return tl::unexpected<Error>(system_error(errno, cannot("written")));
    }
    const int link = ledger_ ? O_NOFOLLOW : 0;
    Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY | link));
    if (!folder.open()) return tl::unexpected<Error>(system_error(errno, cannot("written")));
    if (!made) return folder;
    give_like(folder.get(), *ledger_);
    if (const int failed = sync_folder(folder_); failed != 0) {
      return tl::unexpected<Error>(system_error(failed, cannot("written")));
    }
    return folder;
  }

  std::filesystem::path folder_;
  std::optional<std::filesystem::path> ledger_;  // absent: of a witness
};

}  // namespace

std::unique_ptr<engine::OwnSeals> make_seal_folder(
    std::filesystem::path folder, std::filesystem::path ledger
) {
  return std::make_unique<SealFolder>(std::move(folder), std::move(ledger));
}

std::unique_ptr<engine::SealPlace> make_witness_folder(std::filesystem::path folder) {
  return std::make_unique<SealFolder>(std::move(folder), std::nullopt);
}

}  // namespace hal9::system
