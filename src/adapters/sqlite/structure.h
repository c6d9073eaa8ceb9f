// What is wrong with a ledger's file apart from what its rows hold: pages, indexes, schema.
#pragma once

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/indexes.h"
#include "adapters/sqlite/ledger_file.h"

#include <future>
#include <optional>
#include <string>

namespace hal9::sqlite {

// SQLite's own look at every page, and behind it one at each index, on a connection and a thread of
// their own while the rows are read on theirs. What it sees may be a later state than theirs: to pages
// that is the same matter, and indexes of another state are of no use.
class SecondLook {
 public:
  // Of a ledger that is open to be read. Throws SQLite::Exception.
  SecondLook(const LedgerFile& file, const SumKey& key);
  SecondLook(const SecondLook&) = delete;
  SecondLook& operator=(const SecondLook&) = delete;
  // What is not done is given up.
  ~SecondLook();

  struct Seen {
    bool pages_hold = false;  // all of what integrity_check does but for the indexes
    std::string head;         // of the state that it saw
    IndexSums indexes;
  };
  // Once. Waits for it, and throws what ended it.
  Seen seen() { return seen_.get(); }

 private:
  Connection connection_;
  std::future<Seen> seen_;
};

// What a steady look over every row leaves for structure_finding.
struct WholeLook {
  explicit WholeLook(const LedgerFile& file) : second(file, indexes.key()) {}

  Indexes indexes;                        // what the rows ask of them
  std::optional<bool> commands_in_order;  // absent: they were not all read
  SecondLook second;
};

// In words; nothing where nothing is wrong. Without `whole`, which is of this steady look, SQLite looks
// every row up in every index. Throws SQLite::Exception.
std::optional<std::string> structure_finding(LedgerFile& file, WholeLook* whole);

}  // namespace hal9::sqlite
