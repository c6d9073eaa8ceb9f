// schema/views.sql is a contract: what a ledger has is what stands there, and what it documents is
// what comes out.
#include "adapters/sqlite/sqlite_store.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/verify.h"

#include <cstdint>
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
std::string statements_of(const std::string& file) {
  std::istringstream lines(file);
  std::string text;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    inside = inside || line.starts_with("CREATE VIEW");
    if (inside) text += line + '\n';
    if (line.ends_with(';')) inside = false;
  }
  return text;
}

std::string statements() {
  return statements_of(contract());
}

// What the second migration gave to ledgers themselves, as it was then.
std::string older_views() {
  return bytes_of(HAL9_SOURCE_DIR "/migrations/sqlite/0002_create_views.sql");
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

constexpr const char* kMigrationNumbers = "SELECT number || ' ' FROM migration ORDER BY number";

// A ledger with some events, and a copy of it.
struct Copied {
  Folder folder;
  std::filesystem::path copy;

  explicit Copied(std::uint64_t events) : copy(folder.file().string() + ".copy") {
    must(sqlite::create(folder.file(), "demo"));
    if (events > 0) append_many(*must(sqlite::open(folder.file())), 1, events);
    must(sqlite::copy(folder.file(), copy));
  }
};

TEST(Views, OfACopyAreThoseOfTheContractAndTheLedgerItselfHasNone) {
  const Copied both(3);
  EXPECT_EQ(raw_value(both.copy, kViews), statements());
  EXPECT_EQ(raw_value(both.folder.file(), kViews), "");
  EXPECT_FALSE(must(verify(*must(sqlite::open_as_evidence(both.copy)), {})).finding);
}

TEST(Views, HaveTheDocumentedColumnsInTheirOrder) {
  const Copied both(0);
  const auto columns = documented();
  ASSERT_EQ(columns.size(), 4U);
  for (const auto& [view, names] : columns) {
    std::string all;
    for (const std::string& name : names) all += name + ' ';
    EXPECT_EQ(
        raw_value(both.copy, "SELECT name || ' ' FROM pragma_table_info('" + view + "')"), all
    ) << view;
  }
}

TEST(Views, ReadEveryEventOfALedger) {
  const Copied both(40);
  for (const char* view : {"events", "timeline"}) {
    const std::string sql =
        std::string("SELECT count(*) || ' ' || sum(time_unix > 0) FROM ") + view;
    EXPECT_EQ(raw_value(both.copy, sql), "40 40") << view;
  }
  EXPECT_EQ(
      raw_value(
          both.copy,
          "SELECT count(*) FROM events WHERE line <> ("
          "SELECT line FROM event WHERE event.sequence = events.sequence)"
      ),
      "0"
  );
}

// A copy that is put in a ledger's place is one, and the next copy is no other.
TEST(Views, OfACopyThatIsWrittenToStay) {
  const Copied both(3);
  append_many(*must(sqlite::open(both.copy)), 4, 2);
  EXPECT_FALSE(must(verify(*must(sqlite::open_to_read(both.copy)), {})).finding);
  EXPECT_EQ(raw_value(both.copy, "SELECT count(*) FROM events"), "5");
  const std::filesystem::path next = both.copy.string() + ".copy";
  must(sqlite::copy(both.copy, next));
  EXPECT_EQ(raw_value(next, kViews), statements());
}

// What hides rows from other programs, and what no contract knows.
TEST(Views, OfACopyAreAllThereAsTheyAreOrItIsFound) {
  const std::map<std::string, std::string> changes{
      {"DROP VIEW events; CREATE VIEW events AS SELECT * FROM event WHERE sequence <> 2",
       "view events was changed"},
      {"DROP VIEW shares", "view shares is missing"},
      {"CREATE VIEW more AS SELECT 1", "view more that no migration made"},
  };
  for (const auto& [change, words] : changes) {
    const Copied both(3);
    ASSERT_EQ(raw(both.copy, change), SQLITE_OK);
    const auto verified = must(verify(*must(sqlite::open_to_read(both.copy)), {}));
    ASSERT_TRUE(verified.finding) << change;
    EXPECT_NE(verified.finding->what.find(words), std::string::npos) << verified.finding->what;
  }
}

// A ledger of a version before, as its file was then: 1 had no views, 2 had them itself.
void take_back(const std::filesystem::path& file, int version) {
  ASSERT_EQ(
      raw(file,
          "DELETE FROM migration WHERE number > " + std::to_string(version) +
              "; PRAGMA user_version = " + std::to_string(version) + (version == 2 ? ";" : "")),
      SQLITE_OK
  );
  if (version == 2) {
    ASSERT_EQ(raw(file, older_views()), SQLITE_OK);
  }
}

TEST(Views, OfAnOlderLedgerStayUntilItsNextWriteAndItsCopiesAreAsItIs) {
  for (const int version : {1, 2}) {
    const Copied both(3);
    const auto& file = both.folder.file();
    take_back(file, version);
    const std::string views = version == 2 ? statements_of(older_views()) : "";
    EXPECT_FALSE(must(verify(*must(sqlite::open_to_read(file)), {})).finding) << version;
    EXPECT_EQ(raw_value(file, kViews), views) << version;
    const std::filesystem::path older = file.string() + ".older";
    must(sqlite::copy(file, older));
    EXPECT_EQ(raw_value(older, kViews), views) << version;
    for (const auto& brought : {file, older}) {
      append_many(*must(sqlite::open(brought)), 4, 1);
      EXPECT_EQ(raw_value(brought, kViews), "") << version;
      EXPECT_EQ(raw_value(brought, kMigrationNumbers), "1 2 3 ") << version;
      EXPECT_FALSE(must(verify(*must(sqlite::open_to_read(brought)), {})).finding) << version;
    }
  }
}

// What a migration takes away may be gone already.
TEST(Views, OfAnOlderLedgerThatAreGoneStopNobody) {
  const Copied both(3);
  const auto& file = both.folder.file();
  take_back(file, 2);
  ASSERT_EQ(raw(file, "DROP VIEW shares"), SQLITE_OK);
  append_many(*must(sqlite::open(file)), 4, 1);
  EXPECT_FALSE(must(verify(*must(sqlite::open_to_read(file)), {})).finding);
}

}  // namespace

}  // namespace hal9::ledger
