// Places for seals and keys in memory, for World.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "engine/seals.h"
#include "ledger/note.h"
#include "ledger/seal.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace hal9::engine {

// What is kept of a ledger's seals, shared by every process. A place that is dead answers nothing.
struct Sealed {
  std::optional<std::string> secret, first;
  std::map<std::string, std::string> beside, witness;  // by name
  std::optional<Time> tried;
  bool witness_dead = false;
  bool beside_dead = false;
  bool full = false;          // every place
  bool witness_full = false;  // that one alone
  bool has_witness = false;
  std::function<void()> before_put;  // of one beside the ledger
};

class TestSealKeys : public SealKeys {
 public:
  explicit TestSealKeys(std::shared_ptr<Sealed> sealed) : sealed_(std::move(sealed)) {}
  [[nodiscard]] std::string location() const override { return "test.db.key"; }
  [[nodiscard]] std::string first_location() const override { return "test.db.verifier"; }
  Result<std::optional<std::string>> read_secret() override { return sealed_->secret; }
  Result<void> write_secret(const std::string& lines) override {
    sealed_->secret = lines;
    return {};
  }
  Result<std::optional<std::string>> read_first() override { return sealed_->first; }
  Result<void> write_first(const std::string& verifier) override {
    sealed_->first = verifier;
    return {};
  }

 private:
  std::shared_ptr<Sealed> sealed_;
};

class TestSealPlace : public OwnSeals {
 public:
  TestSealPlace(std::shared_ptr<Sealed> sealed, bool witness)
      : sealed_(std::move(sealed)), witness_(witness) {}
  [[nodiscard]] std::string location() const override {
    return witness_ ? "witness" : "test.db.seals";
  }
  Result<std::vector<KeptFile>> read() override {
    if (dead()) return fail(Code::unreachable, "the witness does not answer");
    if (!witness_ && sealed_->beside_dead) return fail(Code::failed, "it cannot be read");
    std::vector<KeptFile> files;
    for (const auto& [name, note] : notes_of()) files.push_back({name, note, {}});
    return files;
  }
  Result<std::optional<ledger::TreeHead>> newest() override {
    if (sealed_->beside_dead) return fail(Code::failed, "it cannot be read");
    for (const auto& [name, note] : notes_of() | std::views::reverse) {
      const auto seal = ledger::parse_seal(note);
      if (seal && name == ledger::seal_name(*seal)) return seal->head;
    }
    return std::nullopt;
  }
  std::optional<Time> tried() override { return sealed_->tried; }
  Result<void> set_tried(std::optional<Time> when) override {
    if (sealed_->full) return fail(Code::full, "it cannot be written", "no space is left");
    sealed_->tried = when;
    return {};
  }
  Result<void> put(std::uint64_t size, const std::string& key, const std::string& note) override {
    if (!witness_ && sealed_->before_put) sealed_->before_put();
    if (sealed_->full) return fail(Code::full, "it cannot be written", "no space is left");
    if (witness_ && sealed_->witness_full) return fail(Code::full, "it cannot be written", "full");
    if (dead()) return fail(Code::unreachable, "the witness does not answer");
    auto& there = notes_of()[ledger::seal_name(size, key)];
    if (!there.empty() && there != note) return fail(Code::conflict, "another seal is there");
    there = note;
    return {};
  }

 private:
  [[nodiscard]] bool dead() const { return witness_ && sealed_->witness_dead; }
  std::map<std::string, std::string>& notes_of() {
    return witness_ ? sealed_->witness : sealed_->beside;
  }
  std::shared_ptr<Sealed> sealed_;
  bool witness_;
};

}  // namespace hal9::engine
