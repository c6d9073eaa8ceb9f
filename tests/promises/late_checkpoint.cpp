#include "promises/late_checkpoint.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <stdexcept>
#include <thread>

#include <SQLiteCpp/Database.h>
#include <sqlite3.h>
#include <sys/mman.h>

namespace hal9::promises {

namespace {

using std::chrono::steady_clock;

// The WAL's own header; its sequence number and salts change when a writer begins it anew.
using WalHeader = std::array<char, 32>;

struct Late {
  std::filesystem::path wal;
  std::chrono::milliseconds longest{};
};

Late& late() {
  static Late one;
  return one;
}

WalHeader header_now() {
  WalHeader header{};
  std::ifstream(late().wal, std::ios::binary).read(header.data(), header.size());
  return header;
}

int late_munmap(void* from, std::size_t bytes) {
  const WalHeader before = header_now();
  const auto ends = steady_clock::now() + late().longest;
  while (steady_clock::now() < ends && header_now() == before) std::this_thread::yield();
  return ::munmap(from, bytes);
}

}  // namespace

void be_late(const std::filesystem::path& ledger, std::chrono::milliseconds longest) {
  late() = {ledger.string() + "-wal", longest};
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  // SQLite has one type for all its system calls.
  auto* call = reinterpret_cast<sqlite3_syscall_ptr>(&late_munmap);
  if (system->xSetSystemCall(system, "munmap", call) != SQLITE_OK) {
    throw std::runtime_error("this SQLite maps no files");
  }
}

void look(SQLite::Database& database) {
  database.exec("PRAGMA mmap_size = 1048576");
  // A page that no writer changes, so that it comes from the file and not out of the WAL.
  database.execAndGet("SELECT count(*) FROM migration");
}

}  // namespace hal9::promises
