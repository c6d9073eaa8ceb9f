// Going round this program: refused by triggers while they stand, found by verify when they do not.
#include "adapters/sqlite/sqlite_store.h"
#include "base/result.h"
#include "base/sha256.h"
#include "conformance/store/sqlite_raw.h"
#include "conformance/store/store_support.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace hal9::ledger {

namespace {

constexpr std::uint64_t kEvents = 600;

// A ledger of 600 events in one file, made once and copied for each case.
const std::string& whole() {
  static const std::string kBytes = [] {
    const Folder folder;
    must(sqlite::create(folder.file(), "demo"));
    append_many(*must(sqlite::open(folder.file())), 1, kEvents);
    settle(folder.file());
    return bytes_of(folder.file());
  }();
  return kBytes;
}

Verified verify_file(const std::filesystem::path& file) {
  return must(verify(*must(sqlite::open_to_read(file)), {}));
}

// What verify finds after `sql` was forced upon the ledger.
Finding found_after(const std::string& sql) {
  const Folder folder;
  put_bytes(folder.file(), whole());
  force(folder.file(), sql);
  return verify_file(folder.file()).finding.value_or(Finding{{0}, "nothing"});
}

TEST(Tampering, IsNotFoundWhereThereIsNone) {
  EXPECT_EQ(found_after("SELECT 1").what, "nothing");
}

TEST(Tampering, BySqlIsRefused) {
  const Folder folder;
  put_bytes(folder.file(), whole());
  for (const char* sql : {
           "UPDATE event SET line = '{}' WHERE sequence = 5",
           "UPDATE event SET type = 1",
           "DELETE FROM event WHERE sequence = 600",
           ("INSERT INTO event SELECT 602, type, subject, actor, recorded, correlation, line "
            "FROM event WHERE sequence = 600"),
           "UPDATE term SET text = 'x'",
           "DELETE FROM term",
           "UPDATE node SET digest = zeroblob(32)",
           "DELETE FROM node",
           "UPDATE command SET first = 7",
           "DELETE FROM command",
           "UPDATE head SET sequence = sequence - 1",
           "UPDATE head SET root = zeroblob(32)",
           "UPDATE head SET recorded = recorded - 1",
           "DELETE FROM head",
           "UPDATE ledger SET name = 'other'",
           "DELETE FROM ledger",
       }) {
    EXPECT_EQ(raw(folder.file(), sql), SQLITE_CONSTRAINT_TRIGGER) << sql;
  }
  EXPECT_FALSE(verify_file(folder.file()).finding);
}

TEST(Tampering, AChangedLineIsNarrowedToItsSubtree) {
  const auto found = found_after(
      R"(UPDATE event SET line = replace(line, '"number":300', '"number":301') WHERE sequence = 300)"
  );
  EXPECT_EQ(found.sequence, Sequence{257});
  EXPECT_EQ(found.what, "a line of 257 to 512 is not what was hashed");
}

TEST(Tampering, AChangedLineBehindTheLastNodeIsNarrowedToTheTail) {
  const auto found = found_after(
      R"(UPDATE event SET line = replace(line, '"number":599', '"number":598') WHERE sequence = 599)"
  );
  EXPECT_EQ(found.sequence, Sequence{513});
}

TEST(Tampering, ALineThatIsNoEventIsNamed) {
  const auto found = found_after("UPDATE event SET line = line || ' ' WHERE sequence = 300");
  EXPECT_EQ(found.sequence, Sequence{300});
  EXPECT_EQ(
      found_after("UPDATE event SET line = line || ' ' WHERE sequence = 1").sequence, Sequence{1}
  );
}

TEST(Tampering, SwappedLinesAreFound) {
  const auto found = found_after(
      "CREATE TEMP TABLE two AS SELECT sequence, line FROM event WHERE sequence IN (2, 3);"
      "UPDATE event SET line = (SELECT line FROM two WHERE two.sequence = 5 - event.sequence)"
      "WHERE sequence IN (2, 3)"
  );
  EXPECT_LE(found.sequence, Sequence{2});
  EXPECT_NE(found.what, "nothing");
}

TEST(Tampering, MissingEventsAreFound) {
  EXPECT_EQ(found_after("DELETE FROM event WHERE sequence > 590").sequence, Sequence{591});
  EXPECT_EQ(found_after("DELETE FROM event WHERE sequence = 600").sequence, Sequence{600});
  const auto middle = found_after("DELETE FROM event WHERE sequence = 1");
  EXPECT_EQ(middle.sequence, Sequence{1});
  EXPECT_EQ(middle.what, "event 1 is missing");
}

TEST(Tampering, ACutTailWithItsHeadPutBackIsGivenAwayByTheCommands) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  append_many(*must(sqlite::open(folder.file())), 1, 1);
  settle(folder.file());
  const std::string set = raw_value(
      folder.file(),
      "SELECT 'root = x''' || hex(root) || ''', frontier = x''' || hex(frontier) || ''', recorded "
      "= ' || recorded FROM head"
  );
  append_many(*must(sqlite::open(folder.file())), 2, 1);
  force(
      folder.file(), "DELETE FROM event WHERE sequence = 2; UPDATE head SET sequence = 1, " + set
  );
  EXPECT_TRUE(verify_file(folder.file()).finding);
}

TEST(Tampering, EveryColumnIsComparedWithTheLine) {
  for (const auto& [column, value] : std::map<std::string, std::string>{
           {"type", "2"},
           {"subject", "NULL"},
           {"actor", "1"},
           {"recorded", "recorded + 1"},
           {"correlation", "zeroblob(16)"},
       }) {
    const auto found = found_after(fmt::format(
        "PRAGMA foreign_keys = OFF; UPDATE event SET {} = {} WHERE sequence = 42", column, value
    ));
    EXPECT_EQ(found.sequence, Sequence{42}) << column;
    EXPECT_EQ(found.what, fmt::format("the {} column is not the line's", column));
  }
}

// A type's code in the place of a subject: no subject has it, and the event had none.
TEST(Tampering, ASubjectPutBesideAnEventWithoutOneIsFound) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  Draft draft = draft_of(1);
  draft.subject.clear();
  append(*must(sqlite::open(folder.file())), 1, {draft}, kNoon);
  ASSERT_FALSE(verify_file(folder.file()).finding);
  force(
      folder.file(),
      "UPDATE event SET subject = (SELECT code FROM term WHERE kind = 1) WHERE sequence = 1"
  );
  const Finding found = verify_file(folder.file()).finding.value_or(Finding{{0}, "nothing"});
  EXPECT_EQ(found.sequence, Sequence{1});
  EXPECT_EQ(found.what, "the subject column is not the line's");
}

TEST(Tampering, AChangedTermIsFound) {
  EXPECT_EQ(
      found_after("UPDATE term SET text = 'os:mallory' WHERE kind = 3").what,
      "the actor column is not the line's"
  );
}

TEST(Tampering, ChangedAndMissingNodesAreFound) {
  EXPECT_EQ(
      found_after("UPDATE node SET digest = zeroblob(32) WHERE place = 1 AND level = 8").sequence,
      Sequence{257}
  );
  EXPECT_EQ(found_after("DELETE FROM node WHERE level = 9").sequence, Sequence{1});
  EXPECT_NE(found_after("INSERT INTO node VALUES (8, 2, zeroblob(32))").what, "nothing");
}

TEST(Tampering, ChangedCommandsAreFound) {
  const std::string row = " WHERE first = 77";
  EXPECT_EQ(found_after("DELETE FROM command" + row).sequence, Sequence{77});
  EXPECT_EQ(found_after("UPDATE command SET first = 78" + row).sequence, Sequence{77});
  EXPECT_EQ(found_after("UPDATE command SET count = 0" + row).sequence, Sequence{77});
  EXPECT_EQ(found_after("UPDATE command SET count = 2" + row).sequence, Sequence{78});
  EXPECT_EQ(found_after("UPDATE command SET id = zeroblob(16)" + row).sequence, Sequence{77});
  // Behind the last one no event can tell.
  EXPECT_EQ(found_after("UPDATE command SET count = 2 WHERE first = 600").sequence, Sequence{600});
  EXPECT_NE(
      found_after("INSERT INTO command VALUES (zeroblob(16), zeroblob(32), 7, 1)").what, "nothing"
  );
}

TEST(Tampering, AChangedHeadIsFound) {
  EXPECT_EQ(found_after("UPDATE head SET root = zeroblob(32)").sequence, Sequence{513});
  EXPECT_NE(found_after("UPDATE head SET recorded = recorded + 1").what, "nothing");
}

// Makes an index that says of itself what it has to, and holds something else.
std::string with_index(const std::string& name, const std::string& column, const std::string& in) {
  return fmt::format(
      "DROP INDEX {0}; CREATE INDEX {0} ON event {2};"
      "PRAGMA writable_schema = ON;"
      "UPDATE sqlite_master SET sql = 'CREATE INDEX {0} ON event ({1}){3}' WHERE name = '{0}'",
      name,
      column,
      in,
      column == "subject" ? " WHERE subject IS NOT NULL" : ""
  );
}
Finding found_with_index(
    const std::string& name, const std::string& column, const std::string& in
) {
  return found_after(with_index(name, column, in));
}

// Found by a long run of flips: answers of SQLite that no line has anything to do with.
TEST(Tampering, AChangedMigrationAndAFormatThatNeverWasAreFound) {
  EXPECT_EQ(
      found_after("UPDATE migration SET name = '0001_create_ledges' WHERE number = 1").what,
      "migration 0001_create_ledger has another name"
  );
  EXPECT_EQ(
      found_after("INSERT INTO migration VALUES (9, 'later', zeroblob(32))").what,
      "a migration is recorded that was not made"
  );
  EXPECT_EQ(
      found_after("UPDATE head SET least_reader = 0").what,
      "the head names a format that there never was"
  );
}

TEST(Tampering, AnIndexThatIsNotOfItsRowsIsFound) {
  for (const std::string column : {"type", "subject", "actor", "correlation"}) {
    const std::string name = "event_by_" + column;
    const std::string other = column == "type" ? "recorded" : "type";
    for (const std::string& in : {
             fmt::format("({}) WHERE {} IS NOT NULL AND sequence < 10", column, column),
             fmt::format("({}) WHERE {} IS NOT NULL AND sequence <> 300", column, column),
             fmt::format("({}) WHERE {} IS NOT NULL", other, column),
         }) {
      const auto found = found_with_index(name, column, in);
      EXPECT_EQ(found.sequence, Sequence{0}) << in;
      EXPECT_EQ(found.what, "the database's pages contradict each other") << in;
    }
    EXPECT_EQ(
        // The control: the right one, made in the same way.
        found_with_index(name, column, fmt::format("({0}) WHERE {0} IS NOT NULL", column)).what,
        "nothing"
    );
  }
}

// What the structure is found to be by a look at every row, behind which `between` comes before the
// structure's own look begins.
std::string structure_after(
    const std::filesystem::path& file, const std::function<void()>& between, std::uint64_t rows
) {
  auto reader = must(sqlite::open_to_read(file));
  std::string found;
  must(reader->steady([&]() -> Result<void> {
    must(reader->head());
    between();
    std::uint64_t seen = 0;
    must(reader->scan_rows(Sequence{1}, [&](Sequence, std::string_view, const Columns&) {
      return ++seen < rows;
    }));
    found = must(reader->structure_finding()).value_or("nothing");
    return {};
  }));
  return found;
}

// Pages and indexes are read on another connection, which may see what was written meanwhile.
TEST(Tampering, AWriterBetweenTwoLooksIsNoneAndHidesNone) {
  for (const std::uint64_t rows : {kEvents + 1, kEvents / 2, std::uint64_t{1}}) {
    for (const bool wrong : {false, true}) {
      const Folder folder;
      put_bytes(folder.file(), whole());
      if (wrong) {
        force(folder.file(), with_index("event_by_type", "type", "(type) WHERE sequence <> 7"));
      }
      auto store = must(sqlite::open(folder.file()));
      const auto nobody = [] {};
      const auto a_writer = [&] { append_many(*store, kEvents + 1, 3); };
      const std::string expected = wrong ? "the database's pages contradict each other" : "nothing";
      EXPECT_EQ(structure_after(folder.file(), nobody, rows), expected) << rows;
      EXPECT_EQ(structure_after(folder.file(), a_writer, rows), expected) << rows;
    }
  }
}

// All of the entries, where nobody who searches finds them.
TEST(Tampering, AnIndexInAnotherOrderIsFound) {
  const auto found = found_with_index("event_by_correlation", "correlation", "(correlation DESC)");
  EXPECT_EQ(found.what, "the database's pages contradict each other");
}

// A trigger that is gone refuses nothing. store_sqlite_views has those of a copy.
TEST(Tampering, AChangedSchemaIsFound) {
  const std::map<std::string, std::string> finds{
      {"DROP TRIGGER event_keeps_lines", "the schema's trigger event_keeps_lines is missing"},
      {"DROP INDEX event_by_type", "the schema's index event_by_type is missing"},
      {"CREATE VIEW more AS SELECT * FROM event",
       "the schema has a view more that no migration made"},
      {"DROP TRIGGER head_stays; CREATE TRIGGER head_stays BEFORE DELETE ON head BEGIN SELECT 1; "
       "END",
       "the schema's trigger head_stays was changed"},
      {"CREATE TRIGGER z AFTER INSERT ON command BEGIN DELETE FROM snapshot; END",
       "the schema has a trigger z that no migration made"},
  };
  for (const auto& [sql, what] : finds) {
    const Folder folder;
    put_bytes(folder.file(), whole());
    ASSERT_EQ(raw(folder.file(), sql), SQLITE_OK) << sql;
    const Finding found = verify_file(folder.file()).finding.value_or(Finding{{0}, "nothing"});
    EXPECT_EQ(found.what, what) << sql;
  }
}

TEST(Tampering, StatisticsOfAnalyzeAreNoTampering) {
  const Folder folder;
  put_bytes(folder.file(), whole());
  ASSERT_EQ(raw(folder.file(), "ANALYZE"), SQLITE_OK);
  EXPECT_FALSE(verify_file(folder.file()).finding);
}

// All that somebody can ask, in one text; an error is an answer that nobody takes for another.
std::string answers(const std::filesystem::path& file) {
  std::string text;
  auto reader = must(sqlite::open_to_read(file));
  text += to_hex(must(reader->head()).root);
  for (const std::string& line : lines_of(*reader)) text += line;
  Filter filter;
  filter.types = {"hal9.traffic.observed.v1"};
  filter.subjects = {"eu-west-1.protocol"};
  for (const auto sequence : sequences_of(*reader, filter)) text += fmt::format(" {}", sequence);
  Filter actor;
  actor.actor = "os:alice";
  for (const auto sequence : sequences_of(*reader, actor)) text += fmt::format(" {}", sequence);
  for (std::uint64_t n = 1; n <= 60; ++n) {
    Filter correlation;
    correlation.correlation = correlation_id(n);
    for (const auto sequence : sequences_of(*reader, correlation)) text += std::to_string(sequence);
    const auto record = must(reader->find_command(command_id(n)));
    text += record ? fmt::format(" {}+{}", record->first.value, record->count) : " none";
    text += fmt::format("@{}", must(reader->sequence_at(kNoon + Micros{n})).value);
  }
  return text;
}

// What a person is told about the file: its answers, unless opening, reading or verify says no.
std::optional<std::string> trusted_answers(const std::filesystem::path& file) {
  try {
    auto reader = must(sqlite::open_to_read(file));
    if (must(verify(*reader, {})).finding) return {};
    return answers(file);
  } catch (const std::runtime_error&) {
    return {};
  }
}

TEST(Tampering, NoBitFlipChangesAnAnswerUnnoticed) {
  const Folder folder;
  must(sqlite::create(folder.file(), "demo"));
  append_many(*must(sqlite::open(folder.file())), 1, 60);
  settle(folder.file());
  const std::string bytes = bytes_of(folder.file());
  const std::string right = answers(folder.file());
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  int noticed = 0;
  for (int flip = 0; flip < 400; ++flip) {
    const std::size_t at = std::uniform_int_distribution<std::size_t>(0, bytes.size() - 1)(random);
    const auto bit = static_cast<unsigned>(std::uniform_int_distribution<int>(0, 7)(random));
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << bit));
    for (const char* beside : {"hal9.db-wal", "hal9.db-shm"}) {
      std::filesystem::remove(folder.file(beside));
    }
    put_bytes(folder.file(), flipped);
    const auto told = trusted_answers(folder.file());
    if (!told) ++noticed;
    EXPECT_TRUE(!told || *told == right) << "seed " << seed << " byte " << at << " bit " << bit;
  }
  EXPECT_GT(noticed, 50) << "seed " << seed;  // the flips do hit something
}

}  // namespace

}  // namespace hal9::ledger
