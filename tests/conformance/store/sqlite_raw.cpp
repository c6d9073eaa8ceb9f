#include "conformance/store/sqlite_raw.h"

#include "conformance/store/store_support.h"

#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

namespace hal9::ledger {

namespace {

class Handle {
 public:
  explicit Handle(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error("raw open");
    sqlite3_extended_result_codes(handle_, 1);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { sqlite3_close(handle_); }
  int exec(const std::string& sql) {
    return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  }
  std::string value(const std::string& sql) {
    std::string value;
    const auto take = [](void* into, int, char** texts, char**) {
      if (texts[0] != nullptr) *static_cast<std::string*>(into) += texts[0];
      return 0;
    };
    if (sqlite3_exec(handle_, sql.c_str(), take, &value, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(handle_));
    }
    return value;
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace

int raw(const std::filesystem::path& file, const std::string& sql) {
  return Handle(file).exec(sql);
}

std::string raw_value(const std::filesystem::path& file, const std::string& sql) {
  return Handle(file).value(sql);
}

void force(const std::filesystem::path& file, const std::string& sql) {
  Handle handle(file);
  const char* const of_all = " FROM sqlite_master WHERE type = 'trigger'";
  const auto words = [&](const std::string& column) {
    return handle.value("SELECT " + column + of_all);
  };
  const std::string drops = words("'DROP TRIGGER ' || name || ';'");
  const std::string makes = words("sql || ';'");
  handle.value(drops);
  handle.value(sql);
  handle.value(makes);
}

void settle(const std::filesystem::path& file) {
  Handle(file).value("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void put_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::map<std::string, std::string> contents(const Folder& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    found[entry.path().filename()] = entry.is_regular_file() ? bytes_of(entry.path()) : "";
  }
  return found;
}

}  // namespace hal9::ledger
