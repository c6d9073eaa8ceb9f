// schema/views.sql is a contract: what a ledger has is what stands there, and what it documents is
// what comes out.
#include "adapters/sqlite/sqlite_store.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/verify.h"

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace hal9::ledger {

namespace {

constexpr const char* kViews =
    "SELECT sql || ';' || char(10) FROM sqlite_master WHERE type = 'view' ORDER BY rowid";

std::string contract() {
  return bytes_of(HAL9_SOURCE_DIR "/schema/views.sql");
}

// The CREATE VIEW statements alone: comments stand between them, never inside.
std::string statements() {
  std::istringstream lines(contract());
  std::string text;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    inside = inside || line.starts_with("CREATE VIEW");
    if (inside) text += line + '\n';
    if (line.ends_with(';')) inside = false;
  }
  return text;
}

// The documented columns of each view in order: "--   time_unix  REAL  ...".
std::map<std::string, std::vector<std::string>> documented() {
  std::istringstream lines(contract());
  std::map<std::string, std::vector<std::string>> columns;
  std::string view;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string dashes;
    std::string first;
    std::string type;
    words >> dashes >> first >> type;
    const bool opens = dashes == "--" && first.ends_with(':') && line.starts_with("-- " + first);
    if (opens) view = first.substr(0, first.size() - 1);
    const bool typed =
        type.starts_with("TEXT") || type.starts_with("REAL") || type.starts_with("INT");
    if (!view.empty() && line.starts_with("--   ") && typed) columns[view].push_back(first);
  }
  return columns;
}

TEST(Views, OfANewLedgerAreThoseOfTheContract) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  EXPECT_EQ(raw_value(folder.file(), kViews), statements());
}

TEST(Views, HaveTheDocumentedColumnsInTheirOrder) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  const auto columns = documented();
  ASSERT_EQ(columns.size(), 4U);
  for (const auto& [view, names] : columns) {
    std::string all;
    for (const std::string& name : names) all += name + ' ';
    EXPECT_EQ(
        raw_value(folder.file(), "SELECT name || ' ' FROM pragma_table_info('" + view + "')"), all
    ) << view;
  }
}

TEST(Views, ReadEveryEventOfALedger) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  append_many(*must(sqlite::open(folder.file())), 1, 40);
  for (const char* view : {"events", "timeline"}) {
    const std::string sql =
        std::string("SELECT count(*) || ' ' || sum(time_unix > 0) FROM ") + view;
    EXPECT_EQ(raw_value(folder.file(), sql), "40 40") << view;
  }
  EXPECT_EQ(
      raw_value(
          folder.file(),
          "SELECT count(*) FROM events WHERE line <> ("
          "SELECT line FROM event WHERE event.sequence = events.sequence)"
      ),
      "0"
  );
}

// A ledger that the first version made, as its file was then.
void take_views_away(const std::filesystem::path& file) {
  ASSERT_EQ(
      raw(file,
          "DROP VIEW events; DROP VIEW timeline; DROP VIEW shares; DROP VIEW rollbacks;"
          "DELETE FROM migration WHERE number = 2; PRAGMA user_version = 1"),
      SQLITE_OK
  );
}

TEST(Views, ComeToAnOlderLedgerWithTheNextWriteAndItIsReadAsItIsUntilThen) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  append_many(*must(sqlite::open(folder.file())), 1, 3);
  take_views_away(folder.file());
  EXPECT_FALSE(must(verify(*must(sqlite::open_to_read(folder.file())), {})).finding);
  EXPECT_EQ(raw_value(folder.file(), kViews), "");
  append_many(*must(sqlite::open(folder.file())), 4, 1);
  EXPECT_EQ(raw_value(folder.file(), kViews), statements());
  EXPECT_EQ(raw_value(folder.file(), "SELECT count(*) FROM events"), "4");
  EXPECT_FALSE(must(verify(*must(sqlite::open_to_read(folder.file())), {})).finding);
}

}  // namespace

}  // namespace hal9::ledger
