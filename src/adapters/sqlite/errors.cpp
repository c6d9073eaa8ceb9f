#include "adapters/sqlite/errors.h"

#include "base/result.h"

#include <filesystem>
#include <string>

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace hal9::sqlite {

namespace {

struct Meaning {
  Code code;
  const char* why;
  const char* next;
};

Meaning meaning_of(int extended_code) {
  switch (extended_code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::locked, "another process holds it", "hal9-migrate status"};
    case SQLITE_FULL:
      return {Code::full, "there is no space left where it lies", "df -h"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Code::read_only, "it cannot be written by this user or on this medium", "ls -l"};
    case SQLITE_CANTOPEN:
      return {Code::unreachable, "it cannot be opened", "ls -l"};
    case SQLITE_CORRUPT:
      return {Code::damaged, "its pages contradict each other", "hal9-migrate ledger verify"};
    case SQLITE_NOTADB:
      return {Code::not_ours, "it is not an SQLite database", "ls -l"};
    case SQLITE_IOERR:
      return {Code::failed, "the disk reported an error", "dmesg | tail"};
    default:
      return {Code::failed, "the database refused it", "hal9-migrate ledger verify"};
  }
}

}  // namespace

tl::unexpected<Error> explain(
    int extended_code, const std::filesystem::path& file, const char* doing
) {
  const Meaning meaning = meaning_of(extended_code);
  return fail(
      meaning.code,
      std::string(doing) + ": " + file.string(),
      std::string(meaning.why) + " (SQLite " + std::to_string(extended_code) + ")",
      "nothing was recorded",
      meaning.next
  );
}

tl::unexpected<Error> explain(
    const SQLite::Exception& error, const std::filesystem::path& file, const char* doing
) {
  // SQLiteCpp leaves it at -1 where it was thrown from a code and not from a connection.
  const int extended = error.getExtendedErrorCode();
  return explain(extended < 0 ? error.getErrorCode() : extended, file, doing);
}

}  // namespace hal9::sqlite
