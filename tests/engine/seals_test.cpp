// What is signed and what is not: a ledger that contradicts a seal, a witness that is dead, a key
// that is changed and killed midway.
#include "base/result.h"
#include "engine/seals_fixture.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "ledger/note.h"
#include "ledger/seal.h"

#include <iterator>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

namespace hal9::engine {
namespace {

TEST_F(Seals, AreKeptBesideTheLedgerAndAtTheWitness) {
  const SealView view = seal();
  EXPECT_EQ(world_.sealed->beside, world_.sealed->witness);
  ASSERT_EQ(world_.sealed->beside.size(), 1U);
  EXPECT_EQ(world_.sealed->beside.begin()->second, view.note);
  const auto key = ledger::parse_verifier(*world_.sealed->first);
  ASSERT_TRUE(key);
  const auto head = ledger::open_checkpoint(view.note, *key);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->root, world_.process()->root_of(head->size).value().value());
  EXPECT_EQ(verify().seals.witnessed_to, head->size);
}

TEST_F(Seals, OfTheSameEndAreNotMadeTwice) {
  seal();
  const auto before = world_.sealed->beside;
  EXPECT_EQ(seal().note, "");
  EXPECT_EQ(world_.sealed->beside, before);
}

TEST_F(Seals, ReachAWitnessThatWasDeadWhenItIsBack) {
  seal();
  world_.sealed->witness.clear();
  EXPECT_EQ(seal().note, "");
  EXPECT_EQ(world_.sealed->beside, world_.sealed->witness);
}

TEST_F(Seals, AreNotMadeWhileNoWitnessAnswers) {
  world_.sealed->witness_dead = true;
  const auto sealed = world_.process()->seal();
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, Code::unreachable);
  EXPECT_TRUE(world_.sealed->beside.empty());
}

TEST_F(Seals, AreNotMadeOfAnOlderFileThatWasPutBack) {
  note("one");
  note("two");
  seal();
  put_back_an_older_file();
  world_.sealed->beside.clear();  // whoever put it back took the folder along
  const auto sealed = world_.process()->seal();
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, Code::negative);
  EXPECT_TRUE(world_.sealed->beside.empty());
  EXPECT_EQ(world_.sealed->witness.size(), 1U);
}

TEST_F(Seals, FindAnEndThatWasCutOff) {
  note("one");
  note("two");
  seal();
  put_back_an_older_file();
  const VerifyView view = verify();
  ASSERT_TRUE(view.finding);
  EXPECT_NE(view.finding->what.find("the end is missing"), std::string::npos) << view.finding->what;
  EXPECT_EQ(view.finding->sequence.value, view.head.value + 1);
}

TEST_F(Seals, FindAnotherLedgerOfTheSameLength) {
  note("one");
  seal();
  put_back_an_older_file();
  note("another");
  const VerifyView view = verify();
  ASSERT_TRUE(view.finding);
  EXPECT_NE(view.finding->what.find("not what was sealed"), std::string::npos)
      << view.finding->what;
}

TEST_F(Seals, OfSomebodyElseAreAFinding) {
  seal();
  ledger::Ed25519Key seed{};
  const auto stranger = ledger::make_signing_key(ledger::seal_origin("test"), seed).value();
  const ledger::TreeHead head{ledger::seal_origin("test"), 1, {}};
  world_.sealed->witness["00000000000000000001-0"] = ledger::make_seal(head, stranger).value();
  EXPECT_TRUE(verify().finding);
  note("one");
  EXPECT_FALSE(world_.process()->seal());
}

TEST_F(Seals, WithoutTheFirstKeyAreAFinding) {
  seal();
  world_.sealed->first.reset();
  ASSERT_TRUE(verify().finding);
  note("one");
  EXPECT_FALSE(world_.process()->seal()) << "a new first key would make the old seals strangers";
}

TEST_F(Seals, AreNotMadeWithoutTheSecretKey) {
  seal();
  world_.sealed->secret.reset();
  note("one");
  const auto sealed = world_.process()->seal();
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, Code::missing);
  EXPECT_FALSE(verify().finding) << "what was sealed before still verifies";
}

TEST_F(Seals, AreNotMadeByTwoAtOnce) {
  *world_.seal_taken = true;
  const auto sealed = world_.process()->seal();
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, Code::locked);
}

TEST_F(Seals, AtADeadWitnessLeaveVerifyIncomplete) {
  seal();
  world_.sealed->witness_dead = true;
  const VerifyView view = verify();
  EXPECT_FALSE(view.finding);
  EXPECT_FALSE(view.seals.complete);
  EXPECT_EQ(view.seals.sealed_to, view.head.value);
  EXPECT_FALSE(view.seals.witnessed_to);
}

TEST_F(Seals, AreSignedByTheNewKeyAfterARotation) {
  seal();
  const std::string old_secret = *world_.sealed->secret;
  rotate();
  EXPECT_EQ(world_.sealed->secret->find(old_secret), std::string::npos);
  EXPECT_EQ(world_.sealed->beside, world_.sealed->witness);
  note("after");
  const SealView view = seal();
  const auto keys = world_.process()->keys();
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->keys.size(), 2U);
  EXPECT_TRUE(keys->keys[0].retired);
  EXPECT_TRUE(
      ledger::open_checkpoint(view.note, ledger::parse_verifier(keys->keys[1].verifier).value())
  );
  EXPECT_FALSE(verify().finding);
}

TEST_F(Seals, OfARotationReachAWitnessThatMissedIt) {
  seal();
  rotate();
  note("after");
  seal();
  const auto whole = world_.sealed->witness;
  world_.sealed->witness.erase(std::next(world_.sealed->witness.begin()));  // the rotation
  note("more");
  seal();
  for (const auto& [name, bytes] : whole) EXPECT_EQ(world_.sealed->witness[name], bytes) << name;
}

// As two processes leave them that rotate at once: the key of the one signs the other.
TEST_F(Seals, OfTwoRotationsOfOneEndAreReadInEitherOrder) {
  const SealView view = seal();
  const auto head = ledger::parse_seal(view.note).value().head;
  std::string secret = *world_.sealed->secret;
  secret.pop_back();
  const auto key = ledger::parse_signing_key(secret).value();
  const auto second = ledger::make_signing_key(head.origin, {2}).value();
  const auto third = ledger::make_signing_key(head.origin, {3}).value();
  const auto before = world_.sealed->beside;
  const std::string size = before.begin()->first.substr(0, 20);
  for (const bool turned : {false, true}) {
    world_.sealed->beside = before;
    world_.sealed->beside[size + (turned ? "-2" : "-1")] =
        ledger::make_rotation(head, key, second).value();
    world_.sealed->beside[size + (turned ? "-1" : "-2")] =
        ledger::make_rotation(head, second, third).value();
    world_.sealed->secret = ledger::to_secret_text(third) + "\n";
    EXPECT_FALSE(verify().finding) << turned;
    EXPECT_EQ(world_.process()->keys().value().keys.size(), 3U);
  }
  note("after");
  EXPECT_EQ(seal().key, ledger::to_text(third.verifier.id));
}

struct Killed {};

TEST_F(Seals, GoOnWithTheOldKeyWhenARotationIsKilledBeforeItsSeal) {
  seal();
  int puts = 0;
  world_.sealed->before_put = [&] {
    if (++puts == 1) return;  // the ledger's end before the rotation
    throw Killed{};
  };
  note("so that there is something to seal first");
  EXPECT_THROW(std::ignore = world_.process()->rotate_key(world_.asker), Killed);
  world_.sealed->before_put = nullptr;
  *world_.seal_taken = false;
  EXPECT_EQ(world_.process()->keys().value().keys.size(), 1U);
  seal();
  EXPECT_FALSE(verify().finding);
  rotate();
  EXPECT_EQ(world_.process()->keys().value().keys.size(), 2U);
}

TEST_F(Seals, GoOnWithTheNewKeyWhenARotationIsKilledAfterItsSeal) {
  seal();
  const std::string old_secret = *world_.sealed->secret;
  rotate();
  world_.sealed->secret = old_secret + *world_.sealed->secret;  // the old one was not forgotten yet
  note("after");
  const SealView view = seal();
  EXPECT_EQ(view.key, ledger::to_text(ledger::parse_seal(view.note).value().note.signatures[0].id));
  EXPECT_FALSE(verify().finding);
}

// Thousands are kept in a year: to sign, the newest are looked at, and what introduces keys.
TEST_F(Seals, AreMadeByALookAtTheNewestAndVerifyLooksAtAll) {
  seal();
  rotate();
  for (int i = 0; i < 20; ++i) {
    note("more");
    seal();
  }
  const auto spoil = [](std::string& note) {
    char& of_the_root = note.at(note.find('\n', note.find('\n') + 1) + 1);
    of_the_root = of_the_root == 'A' ? 'B' : 'A';
  };
  // The first after the rotation, which stays: without it the newest would be nobody's.
  spoil(std::next(world_.sealed->witness.begin(), 2)->second);
  note("once more");
  EXPECT_FALSE(seal().note.empty());
  ASSERT_TRUE(verify().finding);
  spoil(std::prev(world_.sealed->witness.end(), 2)->second);
  note("and again");
  const auto refused = world_.process()->seal();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::negative);
}

TEST_F(Seals, OfAMissingEndAreFoundBesideAFileThatIsNoSeal) {
  note("one more than the older file has");
  seal();
  world_.sealed->witness["x.seal"] = "junk";
  put_back_an_older_file();
  EXPECT_TRUE(has(verify().finding->what, "the end is missing"));
}

TEST_F(Seals, AreMadeAndComparedBesideAFileThatIsNoSeal) {
  seal();
  world_.sealed->beside["x.seal"] = "junk";
  world_.sealed->witness["y.seal"] = "hello\n";
  note("more");
  const SealView made = seal();
  EXPECT_EQ(world_.sealed->beside.size(), 3U);
  EXPECT_EQ(world_.sealed->witness.size(), 3U);
  EXPECT_TRUE(has(made.places.front().problem, "x.seal is no seal: ")) << made.places[0].problem;
  EXPECT_TRUE(has(made.places.back().problem, "y.seal is no seal: ")) << made.places[1].problem;
  EXPECT_EQ(made.places.back().up_to, made.size);
  const VerifyView view = verify();
  EXPECT_FALSE(view.finding);
  EXPECT_FALSE(view.seals.complete);
  EXPECT_EQ(view.seals.witnessed_to, made.size);
  const auto keys = world_.process()->keys();
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->keys.size(), 1U);
  ASSERT_EQ(keys->places.size(), 1U) << "what introduced a key may be what cannot be read";
  EXPECT_TRUE(has(keys->places.front().problem, "x.seal"));
}

TEST_F(Seals, UnderAnotherNameAreReadOnceAndPutUnderTheirOwn) {
  seal();
  const auto whole = world_.sealed->beside;
  const auto [name, bytes] = *whole.begin();
  world_.sealed->beside["00000000000000999999-copy.seal"] = bytes;
  const auto seals = world_.process()->seals().value();
  EXPECT_EQ(seals.seals.size(), 2U) << "one a place";
  EXPECT_FALSE(seals.check.finding);
  EXPECT_EQ(
      seals.check.places.front().problem, "00000000000000999999-copy.seal holds the seal " + name
  );
  world_.sealed->beside.erase(name);
  world_.sealed->witness.clear();
  EXPECT_EQ(seal().note, "");
  EXPECT_EQ(world_.sealed->beside[name], bytes);
  EXPECT_EQ(world_.sealed->witness, whole);
}

// Another migration of the same name at the same witness, or the key and the seals taken away.
TEST_F(Seals, OfAnotherKeyAtTheWitnessAreRefusedAndSaidAsWhatTheyMayBe) {
  seal();
  const auto ours = *world_.sealed;
  for (const bool has_a_key : {false, true}) {
    *world_.sealed = ours;
    world_.sealed->beside.clear();
    world_.sealed->first.reset();
    world_.sealed->secret.reset();
    if (has_a_key) {
      world_.sealed->witness.clear();
      seal();
      world_.sealed->witness = ours.witness;
    }
    note("more");
    const auto refused = world_.process()->seal();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::negative);
    EXPECT_EQ(refused.error().what, "a seal that is kept is none of this ledger's");
    for (const char* said :
         {"what is at witness is signed by another key (",
          "another migration named test keeps its seals there",
          "this ledger's first key (test.db.verifier) and the seals beside it were taken away"}) {
      EXPECT_TRUE(has(refused.error().why, said)) << refused.error().why;
    }
    EXPECT_EQ(verify().finding->what, refused.error().why);
  }
}

TEST_F(Seals, ByOurKeyThatWereChangedAreNotSaidToBeOfAnotherKey) {
  seal();
  auto& note = world_.sealed->witness.begin()->second;
  char& of_the_root = note.at(note.find('\n', note.find('\n') + 1) + 1);
  of_the_root = of_the_root == 'A' ? 'B' : 'A';
  ASSERT_TRUE(verify().finding);
  EXPECT_TRUE(has(verify().finding->what, "it is not signed by a key of this ledger"));
}

TEST_F(Seals, ThatNoPlaceCouldKeepAreNone) {
  world_.sealed->full = true;
  const auto refused = world_.process()->seal();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "the seal could not be kept anywhere");
  EXPECT_EQ(refused.error().why, "it cannot be written: no space is left");
}

TEST_F(Seals, OfARotationSayWhoLacksThem) {
  seal();
  world_.sealed->witness_full = true;
  const auto rotated = world_.process()->rotate_key(world_.asker);
  ASSERT_TRUE(rotated);
  ASSERT_EQ(rotated->places.size(), 2U);
  EXPECT_EQ(rotated->places.front().problem, "");
  EXPECT_EQ(rotated->places.back().problem, "it cannot be written: full");
}

TEST_F(Seals, OfAnotherLedgerAtTheSameWitnessAreNoneOfOurs) {
  seal();
  const auto other = ledger::make_signing_key(ledger::seal_origin("other"), {}).value();
  world_.sealed->witness["00000000000000000009-0badcafe"] =
      ledger::make_seal({ledger::seal_origin("other"), 9, {}}, other).value();
  EXPECT_FALSE(verify().finding);
  note("more");
  EXPECT_FALSE(seal().note.empty());
}

TEST_F(Seals, FromElsewhereAreComparedWithTheLedger) {
  const std::string kept = seal().note;
  const std::string first = *world_.sealed->first;
  const auto holds = world_.process()->check_seal(kept, first);
  ASSERT_TRUE(holds);
  EXPECT_TRUE(holds->holds());
  EXPECT_FALSE(holds->own_word);
  EXPECT_TRUE(world_.process()->check_seal(kept, {}).value().own_word);
  EXPECT_FALSE(world_.process()->check_seal(kept + "x", first));
  put_back_an_older_file();
  EXPECT_TRUE(world_.process()->check_seal(kept, first).value().holds() == false);
}

TEST_F(Seals, FromElsewhereOfAKeyThatNobodyGaveIsRefused) {
  const std::string kept = seal().note;
  ledger::Ed25519Key seed{};
  const auto other = ledger::make_signing_key(ledger::seal_origin("test"), seed).value();
  const auto checked = world_.process()->check_seal(kept, to_text(other.verifier));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::damaged);
}

}  // namespace
}  // namespace hal9::engine
