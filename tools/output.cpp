#include "output.h"

#include "base/result.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hal9::tools {

namespace {

namespace fs = std::filesystem;

Code code_of(int error) {
  if (error == ENOSPC || error == EDQUOT) return Code::full;
  if (error == EROFS || error == EACCES || error == EPERM) return Code::read_only;
  return Code::failed;
}

tl::unexpected<Error> cannot_write(const fs::path& path, int error) {
  return fail(
      code_of(error),
      path.string() + " cannot be written",
      std::generic_category().message(error),
      "the result was not written",
      ""
  );
}

bool is_same_file(const fs::path& left, const fs::path& right) {
  std::error_code ignored;
  return fs::weakly_canonical(left, ignored) == fs::weakly_canonical(right, ignored);
}

Result<void> check(const fs::path& path, const std::vector<fs::path>& guarded) {
  std::error_code ignored;
  if (!path.has_filename() || fs::is_directory(path, ignored)) {
    return fail(
        Code::usage,
        path.string() + " is a folder",
        "--output takes a file here",
        "nothing was done"
    );
  }
  const fs::path whole = fs::absolute(path);
  const auto belongs = [&](const fs::path& other) {
    return is_same_file(path, other) || is_same_file(whole.parent_path(), other) ||
           is_same_file(whole.parent_path().parent_path(), other);
  };
  if (std::ranges::none_of(guarded, belongs)) return {};
  return fail(
      Code::usage,
      path.string() + " would be replaced",
      "it belongs to the migration",
      "nothing was done",
      "name another file with --output"
  );
}

// A device or a pipe: it is written to, and never replaced by a file.
bool is_no_file(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

// Nobody is waited for: a pipe that has no reader is refused.
Result<std::FILE*> open_as_it_is(const fs::path& target) {
  const int descriptor = ::open(target.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0) return cannot_write(target, errno);
  std::FILE* file = nullptr;
  if (::fcntl(descriptor, F_SETFL, O_WRONLY) == 0) file = fdopen(descriptor, "wb");
  if (file == nullptr) {
    const int error = errno;
    ::close(descriptor);
    return cannot_write(target, error);
  }
  return file;
}

// The file beside its name, not seen by anybody before it is whole. `partial` stays empty where there is
// none.
Result<std::FILE*> open_partial(const fs::path& target, fs::path& partial) {
  if (is_no_file(target)) return open_as_it_is(target);
  if (auto made = make_folders(target.parent_path()); !made) return pass_on(made);
  partial = target;
  partial += "." + std::to_string(getpid()) + ".part";
  const int descriptor = ::open(
      partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR
  );
  if (descriptor < 0) return cannot_write(target, errno);
  std::FILE* file = fdopen(descriptor, "wb");
  if (file == nullptr) {
    const int error = errno;
    ::close(descriptor);
    return cannot_write(target, error);
  }
  return file;
}

}  // namespace

Result<void> make_folders(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty() || fs::is_directory(folder, ignored)) return {};
  if (folder.has_relative_path()) {
    if (auto above = make_folders(folder.parent_path()); !above) return above;
  }
  if (::mkdir(folder.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  return cannot_write(folder, errno);
}

Result<Output> Output::open(
    const std::optional<std::string>& path,
    const fs::path& beside,
    const std::vector<fs::path>& guarded
) {
  Output output;
  if (!path || path->empty() || *path == "-") return output;
  output.target_ = *path;
  std::error_code ignored;
  // What a link leads to is replaced, and the link stays.
  if (fs::is_symlink(output.target_, ignored)) {
    output.target_ = fs::weakly_canonical(output.target_, ignored);
  }
  if (auto fine = check(output.target_, guarded); !fine) return pass_on(fine);
  auto file = open_partial(output.target_, output.partial_);
  if (!file && !beside.empty()) {
    const fs::path other = beside / output.target_.filename();
    if (auto fine = check(other, guarded); !fine) return pass_on(fine);
    output.target_ = other;
    output.displaced_ = true;
    auto second = open_partial(other, output.partial_);
    if (!second) return pass_on(second);
    output.file_.reset(*second);
    return output;
  }
  if (!file) return pass_on(file);
  output.file_.reset(*file);
  return output;
}

Output::~Output() {
  // Not closed: what is there is not whole, so it does not get its name.
  if (file_ && !partial_.empty()) ::unlink(partial_.c_str());
}

bool Output::write(std::string_view bytes) {
  if (error_ != 0) return false;
  std::FILE* file = file_ ? file_.get() : stdout;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
    error_ = errno == 0 ? EIO : errno;
  }
  return error_ == 0;
}

bool Output::flush() {
  if (error_ == 0 && std::fflush(file_ ? file_.get() : stdout) != 0) error_ = errno;
  return error_ == 0;
}

Result<void> Output::close() {
  if (!is_file()) {
    if (error_ == 0 && std::fflush(stdout) != 0) error_ = errno;
    if (error_ == 0 || error_ == EPIPE) return {};
    return cannot_write("standard output", error_);
  }
  std::FILE* file = file_.get();
  if (error_ == 0 && std::fflush(file) != 0) error_ = errno;
  if (partial_.empty()) {
    file_.reset();
    if (error_ != 0) return cannot_write(target_, error_);
    return {};
  }
  if (error_ == 0 && fsync(fileno(file)) != 0) error_ = errno;
  if (error_ == 0 && std::rename(partial_.c_str(), target_.c_str()) != 0) error_ = errno;
  if (error_ != 0) ::unlink(partial_.c_str());
  file_.reset();
  if (error_ != 0) return cannot_write(target_, error_);
  return {};
}

}  // namespace hal9::tools
