#include "adapters/objects/object_files.h"

#include "adapters/objects/compression.h"
#include "adapters/objects/object_key.h"
#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/objects.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace hal9::objects {

namespace {

using engine::kMaxObjectBytes;
using engine::ObjectName;
using system::Descriptor;

constexpr const char* kSuffix = ".zst";

// Absent: not a name that an object's file has.
std::optional<ObjectName> parse_name(const std::string& folder, const std::string& file) {
  if (folder.size() != 2 || !file.ends_with(kSuffix)) return {};
  const std::string hex = folder + file.substr(0, file.size() - 4);
  auto digest = parse_digest(hex);
  // Lower case alone: one object has one file.
  if (!digest || to_hex(*digest) != hex) return {};
  return ObjectName{*digest};
}

class ObjectFiles : public engine::Objects {
 public:
  explicit ObjectFiles(std::filesystem::path ledger)
      : ledger_(std::move(ledger)), folder_(ledger_) {
    folder_ += ".objects";
  }

  [[nodiscard]] std::string location() const override { return folder_.string(); }

  Result<ObjectName> put(std::string_view content) override {
    if (content.size() > kMaxObjectBytes) {
      return fail(
          Code::usage,
          fmt::format("an object has {} bytes at most", kMaxObjectBytes),
          fmt::format("this one has {}", content.size()),
          "nothing was written"
      );
    }
    auto top = open_folder(AT_FDCWD, folder_);
    if (!top) return pass_on(top);
    auto key = key_to_write(top->get());
    if (!key) return pass_on(key);
    const ObjectName name = name_of(*key, content);
    const auto file = file_of(name);
    // Also what another process has just renamed, and not synced yet.
    if (content_of(name, *key, kMaxObjectBytes)) return synced(file, name);
    if (auto room = look_for_room(content.size()); !room) return pass_on(room);
    auto packed = pack(content);
    if (!packed) return pass_on(packed);
    auto folder = open_folder(top->get(), file.parent_path());
    if (!folder) return pass_on(folder);
    auto written =
        system::write_atomically_in(folder->get(), file, *packed, ledger_, system::Keeper::owner);
    if (!written) return pass_on(written);
    return name;
  }

  Result<std::string> get(const ObjectName& name, std::size_t most) override {
    // The file first: where it is gone, that is what is wrong, whatever the key is.
    auto packed = read_file(name);
    if (!packed) return packed;
    auto key = read_key(folder_);
    if (!key) return pass_on(key);
    return unpacked(name, *packed, *key, most);
  }

  Result<std::uint64_t> check(const ObjectName& name) override {
    auto content = get(name, kMaxObjectBytes);
    if (!content) return pass_on(content);
    return content->size();
  }

  [[nodiscard]] bool exists() const override {
    std::error_code error;
    const auto kind = std::filesystem::symlink_status(folder_, error).type();
    return kind != std::filesystem::file_type::not_found;
  }

  Result<std::vector<ObjectName>> list() override {
    std::vector<ObjectName> names;
    auto folders = entries_of(folder_);
    if (!folders) return pass_on(folders);
    for (const auto& folder : *folders) {
      std::error_code ignored;
      if (folder.filename().string().size() != 2) continue;
      if (!std::filesystem::is_directory(std::filesystem::symlink_status(folder, ignored)))
        continue;
      auto files = entries_of(folder);
      if (!files) return pass_on(files);
      for (const auto& file : *files) {
        const auto name = parse_name(folder.filename().string(), file.filename().string());
        if (name) names.push_back(*name);
      }
    }
    std::ranges::sort(names);
    return names;
  }

 private:
  [[nodiscard]] std::filesystem::path file_of(const ObjectName& name) const {
    const std::string hex = name.text();
    return folder_ / hex.substr(0, 2) / (hex.substr(2) + kSuffix);
  }

  // A new key would leave every object that is there without its name.
  Result<ObjectKey> key_to_write(int top) {
    auto key = read_secret_key(folder_, ledger_);
    if (key || key.error().code != Code::missing) return key;
    auto there = list();
    if (!there) return pass_on(there);
    if (there->empty()) return read_or_make_key(top, folder_, ledger_);
    key.error().what = "the key of the objects is gone: " + (folder_ / "key").string();
    key.error().why = fmt::format("{} objects are named by it", there->size());
    key.error().next = "put the key back from a copy of " + escape_shell(folder_.string());
    return key;
  }

  Result<ObjectName> synced(const std::filesystem::path& file, const ObjectName& name) {
    int failed = system::sync_folder(file);
    if (failed == 0) failed = system::sync_folder(file.parent_path());
    if (failed == 0) return name;
    return tl::unexpected<Error>(system::system_error(failed, cannot(folder_, "synced")));
  }

  Result<void> look_for_room(std::size_t bytes) {
    struct statvfs disk{};
    if (::statvfs(folder_.c_str(), &disk) != 0) {
      return tl::unexpected<Error>(system::system_error(errno, cannot(folder_, "written")));
    }
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free >= packed_bound(bytes) + kLeaveFree) return {};
    return fail(
        Code::full,
        cannot(folder_, "written"),
        fmt::format("{} bytes are free on the disk, {} of them are the ledger's", free, kLeaveFree),
        "nothing was written",
        "df -h " + escape_shell(folder_.string())
    );
  }

  // `folder` in the open one `above`, or where its path says; made where it is not there. A link in its
  // place is not followed: its target is not ours, and what is open stays what it is.
  Result<Descriptor> open_folder(int above, const std::filesystem::path& folder) {
    const std::string name = above == AT_FDCWD ? folder.string() : folder.filename().string();
    const bool made = ::mkdirat(above, name.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) {
      return tl::unexpected<Error>(system::system_error(errno, cannot(folder, "made")));
    }
    constexpr int kFolder = O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW;
    Descriptor opened(::openat(above, name.c_str(), kFolder));
    if (!opened.open()) {
      return tl::unexpected<Error>(system::system_error(errno, cannot(folder, "used")));
    }
    if (made) system::give_like(opened.get(), ledger_);
    const int failed = !made                 ? 0
                       : above == AT_FDCWD   ? system::sync_folder(folder)
                       : ::fsync(above) != 0 ? errno
                                             : 0;
    if (failed == 0) return opened;
    return tl::unexpected<Error>(system::system_error(failed, cannot(folder, "synced")));
  }

  // Through the folders one by one, so that no link on the way is followed.
  [[nodiscard]] Descriptor open_file(const ObjectName& name) const {
    constexpr int kFolder = O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW;
    const auto file = file_of(name);
    const Descriptor top(::open(folder_.c_str(), kFolder));
    if (!top.open()) return {};
    const auto between = file.parent_path().filename();
    const Descriptor middle(::openat(top.get(), between.c_str(), kFolder));
    if (!middle.open()) return {};
    constexpr int kFile = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    return Descriptor(::openat(middle.get(), file.filename().c_str(), kFile));
  }

  Result<std::string> read_file(const ObjectName& name) {
    const Descriptor opened = open_file(name);
    if (!opened.open()) return not_opened(name, errno);
    struct stat status{};
    if (::fstat(opened.get(), &status) != 0) return not_opened(name, errno);
    if (!S_ISREG(status.st_mode)) return damaged(name, "its file is no regular file");
    const std::size_t most = packed_bound(kMaxObjectBytes);
    std::string packed;
    if (!system::read_all(opened.get(), most + 1, packed)) return not_opened(name, errno);
    if (packed.size() > most) return damaged(name, "its file is longer than an object may be");
    return packed;
  }

  Result<std::string> unpacked(
      const ObjectName& name, std::string_view packed, const ObjectKey& key, std::size_t most
  ) {
    auto content = unpack(packed, most);
    if (!content) return damaged(name, "its file cannot be unpacked, or holds more than was asked");
    if (name_of(key, *content) != name) return damaged(name, "its content is another one");
    return std::move(*content);
  }

  Result<std::string> content_of(const ObjectName& name, const ObjectKey& key, std::size_t most) {
    auto packed = read_file(name);
    if (!packed) return packed;
    return unpacked(name, *packed, key, most);
  }

  tl::unexpected<Error> not_opened(const ObjectName& name, int number) {
    if (number == ELOOP || number == ENOTDIR) return damaged(name, "a link stands in its place");
    Error error = system::system_error(number, "object " + name.text() + " cannot be read");
    if (error.code == Code::missing) error.what = "object " + name.text() + " is not there";
    error.state = "nothing was changed";
    error.next = "ls -lR " + escape_shell(folder_.string());
    return tl::unexpected<Error>(std::move(error));
  }

  tl::unexpected<Error> damaged(const ObjectName& name, std::string why) {
    return fail(
        Code::damaged,
        "object " + name.text() + " is damaged",
        std::move(why),
        "its file was left as it is",
        "hal9-migrate ledger verify"
    );
  }

  static std::string cannot(const std::filesystem::path& folder, const char* what) {
    return fmt::format("{} cannot be {}", folder.string(), what);
  }

  // None where the folder is not there.
  static Result<std::vector<std::filesystem::path>> entries_of(const std::filesystem::path& folder
  ) {
    std::error_code error;
    std::vector<std::filesystem::path> found;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      found.push_back(entry->path());
    }
    if (!error || error == std::errc::no_such_file_or_directory) return found;
    return tl::unexpected<Error>(system::system_error(error.value(), cannot(folder, "read")));
  }

  std::filesystem::path ledger_;
  std::filesystem::path folder_;
};

}  // namespace

std::unique_ptr<engine::Objects> make_objects(const std::filesystem::path& ledger) {
  return std::make_unique<ObjectFiles>(ledger);
}

}  // namespace hal9::objects
