// What is said of proofs and exports.
#include "base/sha256.h"
#include "engine/views.h"
#include "hostile.h"
#include "ledger/lines_check.h"
#include "ledger/verify.h"
#include "said.h"
#include "say.h"

#include <string>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

engine::ExportView compared() {
  engine::ExportView view;
  view.file = "ledger.jsonl";
  view.lines.lines = 12;
  view.lines.source = "/hal9/ledger/payments";
  view.lines.root = sha256("root");
  view.ledger = "hal9.db";
  view.root = to_hex(view.lines.root);
  return view;
}

TEST(ExportText, SaysWhatHoldsAndComparesTheRoot) {
  const auto view = compared();
  const std::string text = export_text(view, false);
  EXPECT_TRUE(holds(view));
  EXPECT_EQ(first_line(text), "export ledger.jsonl: 12 events of /hal9/ledger/payments");
  EXPECT_NE(text.find("✓ every line is an event, in its place\n"), std::string::npos);
  EXPECT_NE(text.find("✓ hal9.db has this root at that many events\n"), std::string::npos);
}

TEST(ExportText, HoldsWithoutALedgerAndSaysThatThereWasNone) {
  auto view = compared();
  view.ledger.clear();
  view.root.reset();
  view.not_compared = "there is no configuration";
  EXPECT_TRUE(holds(view));
  EXPECT_NE(
      export_text(view, false).find("- compared with no ledger: there is no configuration\n"),
      std::string::npos
  );
}

TEST(ExportText, DoesNotHoldOnAnyDoubt) {
  auto bad = compared();
  bad.lines.finding = ledger::Finding{{4}, "recorded time does not grow"};
  EXPECT_FALSE(holds(bad));
  EXPECT_NE(
      export_text(bad, false).find("✗ line 4: recorded time does not grow\n"), std::string::npos
  );
  auto other = compared();
  other.root = to_hex(sha256("another"));
  EXPECT_FALSE(holds(other));
  EXPECT_NE(export_text(other, false).find("has another root"), std::string::npos);
  auto fewer = compared();
  fewer.root.reset();
  EXPECT_FALSE(holds(fewer));
  EXPECT_NE(export_text(fewer, false).find("has fewer events"), std::string::npos);
  auto unread = compared();
  unread.root.reset();
  unread.not_compared = "it is locked";
  EXPECT_FALSE(holds(unread));
  EXPECT_NE(export_text(unread, false).find("✗ not compared with hal9.db"), std::string::npos);
}

TEST(ProofText, LetsNoHostileTextThrough) {
  for (const std::string& text : hostile()) {
    engine::InclusionView proof;
    proof.where = {text, text, text, text};
    proof.proof.line = text;
    EXPECT_TRUE(harmless(inclusion_text(proof, false)));
    auto view = compared();
    view.file = view.ledger = view.not_compared = view.lines.source = text;
    view.lines.finding = ledger::Finding{{1}, text};
    EXPECT_TRUE(harmless(export_text(view, false)));
    view.ledger.clear();
    EXPECT_TRUE(harmless(export_text(view, false)));
  }
}

}  // namespace
}  // namespace hal9::tools
