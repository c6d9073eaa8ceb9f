#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::system {

namespace {

tl::unexpected<Error> not_written(int number, const std::filesystem::path& file) {
  Error error = system_error(number, file.string() + " cannot be written");
  error.state = "its old content, if there was any, is untouched";
  return tl::unexpected<Error>(std::move(error));
}

// A file that root acts upon has to stay root's; another user's group then lets him read it.
void give_to(const std::filesystem::path& ledger, Keeper keeper, int descriptor) {
  const auto owner = owner_like(ledger);
  if (::geteuid() != 0 || !owner || owner->user == 0) return;
  switch (keeper) {
    case Keeper::owner:
      give_like(descriptor, ledger);
      return;
    case Keeper::root:
      if (::fchown(descriptor, 0, owner->group) == 0) std::ignore = ::fchmod(descriptor, 0640);
      return;
  }
}

// Root acts upon no file that another user may change; his group keeps reading it.
std::string how_to_trust(const struct stat& status, const std::filesystem::path& file) {
  if (!S_ISREG(status.st_mode)) return {};
  const std::string name = escape_shell(file.string());
  if (wrong_owner(status).empty()) return "chmod go-w " + name;
  if (::geteuid() != 0) return "ls -l " + name;
  return "less " + name + " && chown root " + name + " && chmod 640 " + name;
}

// A file beside the one that it will be, 0600; gone unless it was renamed.
class Draft {
 public:
  Draft(int folder, const std::string& name) : folder_(folder) {
    // One that a killed process of this number has left is no obstacle.
    for (int i = 0; i < 100 && !file_.open(); ++i) {
      name_ = "." + name + "." + std::to_string(::getpid()) + "-" + std::to_string(i);
      constexpr int kNew = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
      file_ = Descriptor(::openat(folder, name_.c_str(), kNew, S_IRUSR | S_IWUSR));
      if (!file_.open() && errno != EEXIST) return;
    }
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (!file_.open() || renamed_) return;
    const int number = errno;
    ::unlinkat(folder_, name_.c_str(), 0);
    errno = number;
  }

  [[nodiscard]] bool open() const { return file_.open(); }
  [[nodiscard]] int get() const { return file_.get(); }
  bool rename_to(const std::string& name) {
    renamed_ = ::renameat(folder_, name_.c_str(), folder_, name.c_str()) == 0;
    return renamed_;
  }
  [[nodiscard]] bool link_to(const std::string& name) const {
    return ::linkat(folder_, name_.c_str(), folder_, name.c_str(), 0) == 0 || errno == EEXIST;
  }
  [[nodiscard]] bool fill(std::string_view content) const {
    return write_all(file_.get(), content, 0) && ::fsync(file_.get()) == 0;
  }

 private:
  int folder_;
  std::string name_;
  Descriptor file_;
  bool renamed_ = false;
};

Result<void> sync_names(int folder, const std::filesystem::path& file) {
  if (::fsync(folder) == 0) return {};
  return tl::unexpected<Error>(
      system_error(errno, file.string() + " is written, but its folder cannot be synced")
  );
}

}  // namespace

Result<void> write_atomically(const std::filesystem::path& file, std::string_view content) {
  return write_atomically(file, content, file, Keeper::owner);
}

Result<void> write_atomically(
    const std::filesystem::path& file,
    std::string_view content,
    const std::filesystem::path& ledger,
    Keeper keeper
) {
  const Descriptor folder(::open(folder_of(file).c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!folder.open()) return not_written(errno, file);
  return write_atomically_in(folder.get(), file, content, ledger, keeper);
}

Result<void> write_atomically_in(
    int folder,
    const std::filesystem::path& file,
    std::string_view content,
    const std::filesystem::path& ledger,
    Keeper keeper
) {
  const std::string name = file.filename().string();
  Draft draft(folder, name);
  if (!draft.open()) return not_written(errno, file);
  give_to(ledger, keeper, draft.get());
  if (!draft.fill(content) || !draft.rename_to(name)) return not_written(errno, file);
  return sync_names(folder, file);
}

Result<void> create_in(
    int folder,
    const std::filesystem::path& file,
    std::string_view content,
    const std::filesystem::path& ledger
) {
  const std::string name = file.filename().string();
  const Draft draft(folder, name);
  if (!draft.open()) return not_written(errno, file);
  give_to(ledger, Keeper::owner, draft.get());
  if (!draft.fill(content) || !draft.link_to(name)) return not_written(errno, file);
  return sync_names(folder, file);
}

bool is_trusted(const std::filesystem::path& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 && not_trusted(status).empty();
}

Result<std::string> read_trusted(const std::filesystem::path& file, std::size_t limit) {
  // Not blocking: a pipe put in the file's place must not hold an emergency.
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened.open()) {
    Error error = system_error(errno, file.string() + " cannot be read");
    if (error.code == Code::read_only) error.code = Code::not_authorised;
    return tl::unexpected<Error>(std::move(error));
  }
  struct stat status{};
  if (::fstat(opened.get(), &status) != 0) {
    return tl::unexpected<Error>(system_error(errno, file.string() + " cannot be looked at"));
  }
  if (const std::string wrong = not_trusted(status); !wrong.empty()) {
    return fail(
        Code::not_authorised,
        file.string() + " is not trusted",
        wrong,
        "nothing of it was read",
        how_to_trust(status, file)
    );
  }
  std::string bytes;
  if (!read_all(opened.get(), limit + 1, bytes)) {
    return tl::unexpected<Error>(system_error(errno, file.string() + " cannot be read"));
  }
  if (bytes.size() > limit) {
    return fail(
        Code::usage,
        file.string() + " is longer than " + std::to_string(limit) + " bytes",
        {},
        "nothing of it was used",
        "ls -l " + escape_shell(file.string())
    );
  }
  return bytes;
}

}  // namespace hal9::system
