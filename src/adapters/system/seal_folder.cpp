#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/result.h"
#include "engine/seals.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace hal9::system {

namespace {

// A seal has some 300 bytes; a signed one of many keys still fits.
constexpr std::size_t kLongestSeal = 64UL << 10U;

class SealFolder : public engine::OwnSeals {
 public:
  SealFolder(std::filesystem::path folder, std::optional<std::filesystem::path> ledger)
      : folder_(std::move(folder)), ledger_(std::move(ledger)) {}

  [[nodiscard]] std::string location() const override { return folder_.string(); }

  Result<std::vector<std::string>> read() override {
    auto listed = files();
    if (!listed) return pass_on(listed);
    std::vector<std::string> notes;
    for (const auto& file : *listed) {
      auto note = read_seal(file);
      if (!note) return pass_on(note);
      notes.push_back(std::move(*note));
    }
    return notes;
  }

  Result<std::uint64_t> up_to() override {
    auto listed = files();
    if (!listed) return pass_on(listed);
    std::uint64_t newest = 0;
    for (const auto& file : *listed) {
      const std::string name = file.filename().string();
      std::uint64_t size = 0;
      const auto read = std::from_chars(name.data(), name.data() + name.size(), size);
      if (read.ec == std::errc{}) newest = std::max(newest, size);
    }
    return newest;
  }

  Result<void> put(std::uint64_t size, const std::string& key, const std::string& note) override {
    auto folder = folder_to_write();
    if (!folder) return pass_on(folder);
    const auto file = folder_ / seal_name(size, key);
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
      auto there = read_seal(file);
      if (there && *there == note) return {};
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

  static Result<std::string> read_seal(const std::filesystem::path& file) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    std::string bytes;
    struct stat status{};
    if (!opened.open() || ::fstat(opened.get(), &status) != 0) {
      return tl::unexpected<Error>(system_error(errno, file.string() + " cannot be read"));
    }
    // What is no file of ours reads as what it is: no seal.
    if (!S_ISREG(status.st_mode)) return bytes;
    if (!read_all(opened.get(), kLongestSeal, bytes)) {
      return tl::unexpected<Error>(system_error(errno, file.string() + " cannot be read"));
    }
    return bytes;
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

std::string seal_name(std::uint64_t size, const std::string& key) {
  return fmt::format("{:020}-{}.seal", size, key);
}

std::unique_ptr<engine::OwnSeals> make_seal_folder(
    std::filesystem::path folder, std::filesystem::path ledger
) {
  return std::make_unique<SealFolder>(std::move(folder), std::move(ledger));
}

std::unique_ptr<engine::SealPlace> make_witness_folder(std::filesystem::path folder) {
  return std::make_unique<SealFolder>(std::move(folder), std::nullopt);
}

}  // namespace hal9::system
