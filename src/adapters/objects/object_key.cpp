#include "adapters/objects/object_key.h"

#include "adapters/system/descriptor.h"
#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"
#include "engine/objects.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sodium/crypto_auth_hmacsha256.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace hal9::objects {

namespace {

tl::unexpected<Error> unreadable(const std::filesystem::path& file) {
  Error error = system::system_error(errno, file.string() + " cannot be read");
  error.state = "nothing was changed";
  error.next = "ls -l " + escape_shell(file.string());
  return tl::unexpected<Error>(std::move(error));
}

// Never over one that is there: who comes second takes the first one's.
Result<void> make_key(
    int folder, const std::filesystem::path& file, const std::filesystem::path& ledger
) {
  ObjectKey key{};
  if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
    return fail(Code::failed, file.string() + " cannot be made", "there is no randomness");
  }
  const std::string_view bytes(reinterpret_cast<const char*>(key.data()), key.size());
  return system::create_in(folder, file, bytes, ledger);
}

struct OpenedKey {
  system::Descriptor file;
  struct stat status{};
};

Result<OpenedKey> open_key(const std::filesystem::path& file) {
  OpenedKey key;
  key.file =
      system::Descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!key.file.open() || ::fstat(key.file.get(), &key.status) != 0) return unreadable(file);
  return key;
}

Result<ObjectKey> content_of(const OpenedKey& opened, const std::filesystem::path& file) {
  std::string bytes;
  ObjectKey key{};
  if (!system::read_all(opened.file.get(), key.size() + 1, bytes)) return unreadable(file);
  if (bytes.size() != key.size()) {
    return fail(
        Code::damaged,
        file.string() + " is no key",
        "a key has 32 bytes, it has others",
        "no object was read or written",
        "ls -l " + escape_shell(file.string())
    );
  }
  std::ranges::copy(bytes, key.begin());
  return key;
}

}  // namespace

Result<ObjectKey> read_key(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "key";
  auto opened = open_key(file);
  if (!opened) return pass_on(opened);
  return content_of(*opened, file);
}

Result<ObjectKey> read_secret_key(
    const std::filesystem::path& folder, const std::filesystem::path& ledger
) {
  const std::filesystem::path file = folder / "key";
  auto opened = open_key(file);
  if (!opened) return pass_on(opened);
  std::string wrong = system::not_trusted(opened->status, system::owner_of(ledger));
  const bool readable = (opened->status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  if (wrong.empty() && readable) wrong = "others than its owner can read it";
  if (wrong.empty()) return content_of(*opened, file);
  return fail(
      Code::not_authorised,
      file.string() + " is not trusted",
      wrong,
      "no object was written",
      (readable ? "chmod 600 " : "ls -l ") + escape_shell(file.string())
  );
}

Result<ObjectKey> read_or_make_key(
    int opened, const std::filesystem::path& folder, const std::filesystem::path& ledger
) {
  auto key = read_secret_key(folder, ledger);
  if (key || key.error().code != Code::missing) return key;
  if (auto made = make_key(opened, folder / "key", ledger); !made) return pass_on(made);
  return read_secret_key(folder, ledger);
}

engine::ObjectName name_of(const ObjectKey& key, std::string_view content) {
  engine::ObjectName name;
  static_assert(crypto_auth_hmacsha256_BYTES == sizeof(name.value));
  static_assert(crypto_auth_hmacsha256_KEYBYTES == sizeof(key));
  crypto_auth_hmacsha256(
      name.value.data(),
      reinterpret_cast<const unsigned char*>(content.data()),
      content.size(),
      key.data()
  );
  return name;
}

}  // namespace hal9::objects
