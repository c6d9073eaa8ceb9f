#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"
#include "engine/seals.h"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace hal9::system {

namespace {

constexpr std::size_t kLongestKeys = 4096;

class SealKeyFiles : public engine::SealKeys {
 public:
  explicit SealKeyFiles(std::filesystem::path ledger)
      : ledger_(std::move(ledger)), secret_(ledger_), first_(ledger_) {
    secret_ += ".key";
    first_ += ".verifier";
  }

  [[nodiscard]] std::string location() const override { return secret_.string(); }

  [[nodiscard]] std::string first_location() const override { return first_.string(); }

  Result<std::optional<std::string>> read_secret() override { return read(secret_, true); }
  Result<void> write_secret(const std::string& lines) override {
    return write_atomically(secret_, lines, ledger_, Keeper::owner);
  }
  Result<std::optional<std::string>> read_first() override {
    auto line = read(first_, false);
    if (!line) return line;
    std::optional<std::string>& text = *line;
    if (text && text->ends_with('\n')) text->pop_back();
    return line;
  }
  Result<void> write_first(const std::string& verifier) override {
    return write_atomically(first_, verifier + "\n", ledger_, Keeper::owner);
  }

 private:
  // Whoever owns the ledger signs it; root signs with his key as root writes his events.
  Result<std::optional<std::string>> read(const std::filesystem::path& file, bool secret) {
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!opened.open()) {
      if (errno == ENOENT) return std::optional<std::string>();
      return tl::unexpected<Error>(system_error(errno, file.string() + " cannot be read"));
    }
    struct stat status{};
    std::string bytes;
    if (::fstat(opened.get(), &status) != 0 || !read_all(opened.get(), kLongestKeys, bytes)) {
      return tl::unexpected<Error>(system_error(errno, file.string() + " cannot be read"));
    }
    std::string wrong = not_trusted(status, owner_of(ledger_));
    const bool readable = secret && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    if (wrong.empty() && readable) wrong = "others than its owner can read it";
    if (wrong.empty()) return std::optional(std::move(bytes));
    return fail(
        Code::not_authorised,
        file.string() + " is not trusted",
        wrong,
        "nothing was signed",
        (readable ? "chmod 600 " : "ls -l ") + escape_shell(file.string())
    );
  }

  std::filesystem::path ledger_;
  std::filesystem::path secret_;
  std::filesystem::path first_;
};

}  // namespace

std::unique_ptr<engine::SealKeys> make_seal_keys(std::filesystem::path ledger) {
  return std::make_unique<SealKeyFiles>(std::move(ledger));
}

}  // namespace hal9::system
