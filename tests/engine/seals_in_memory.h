// Places for seals and keys in memory, for World.
#pragma once

#include "base/result.h"
#include "engine/seals.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hal9::engine {

// What is kept of a ledger's seals, shared by every process. A place that is dead answers nothing.
struct Sealed {
  std::optional<std::string> secret, first;
  std::map<std::string, std::string> beside, witness;  // by size and key
  bool witness_dead = false;
  bool full = false;          // every place
  bool witness_full = false;  // that one alone
  bool has_witness = false;
  std::function<void()> before_put;  // of one beside the ledger
};

class TestSealKeys : public SealKeys {
 public:
  explicit TestSealKeys(std::shared_ptr<Sealed> sealed) : sealed_(std::move(sealed)) {}
  [[nodiscard]] std::string location() const override { return "test.db.key"; }
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
  Result<std::vector<std::string>> read() override {
    if (dead()) return fail(Code::unreachable, "the witness does not answer");
    std::vector<std::string> notes;
    for (const auto& [key, note] : notes_of()) notes.push_back(note);
    return notes;
  }
  Result<std::uint64_t> up_to() override {
    if (notes_of().empty()) return 0;
    return std::stoull(notes_of().rbegin()->first);
  }
  Result<void> put(std::uint64_t size, const std::string& key, const std::string& note) override {
    if (!witness_ && sealed_->before_put) sealed_->before_put();
    if (sealed_->full) return fail(Code::full, "it cannot be written", "no space is left");
    if (witness_ && sealed_->witness_full) return fail(Code::full, "it cannot be written", "full");
    if (dead()) return fail(Code::unreachable, "the witness does not answer");
    const auto name = std::string(20 - std::to_string(size).size(), '0') + std::to_string(size);
    auto& there = notes_of()[name + "-" + key];
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
