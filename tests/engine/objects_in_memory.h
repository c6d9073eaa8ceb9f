// Objects in memory, for World; what is kept can be lost, changed or refused.
#pragma once

#include "base/result.h"
#include "base/sha256.h"
#include "engine/objects.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::engine {

// What is kept of a ledger's objects, shared by every process.
struct KeptInMemory {
  std::map<ObjectName, std::string> contents;
  std::optional<Error> refuses;     // what put() says
  std::optional<Error> unreadable;  // what reading says
  bool gone = false;                // the place as a whole
  int puts = 0;
};

class TestObjects : public Objects {
 public:
  explicit TestObjects(std::shared_ptr<KeptInMemory> kept) : kept_(std::move(kept)) {}
  [[nodiscard]] std::string location() const override { return "test.db.objects"; }
  Result<ObjectName> put(std::string_view content) override {
    ++kept_->puts;
    if (kept_->refuses) return tl::unexpected<Error>(*kept_->refuses);
    if (content.size() > kMaxObjectBytes) return fail(Code::usage, "an object has 16 MiB at most");
    const ObjectName name = name_of(content);
    kept_->contents[name] = content;
    return name;
  }
  Result<std::string> get(const ObjectName& name, std::size_t most) override {
    if (kept_->unreadable) return tl::unexpected<Error>(*kept_->unreadable);
    const auto found = kept_->contents.find(name);
    if (found == kept_->contents.end()) {
      return fail(Code::missing, "object " + name.text() + " is not there");
    }
    if (found->second.size() > most || name_of(found->second) != name) {
      return fail(Code::damaged, "object " + name.text() + " is damaged");
    }
    return found->second;
  }
  Result<std::uint64_t> check(const ObjectName& name) override {
    auto content = get(name, kMaxObjectBytes);
    if (!content) return pass_on(content);
    return content->size();
  }
  [[nodiscard]] bool exists() const override { return kept_->puts > 0 && !kept_->gone; }
  Result<std::vector<ObjectName>> list() override {
    std::vector<ObjectName> names;
    for (const auto& [name, content] : kept_->contents) names.push_back(name);
    return names;
  }

 private:
  static ObjectName name_of(std::string_view content) {
    return {sha256({"a key of the test", content})};
  }
  std::shared_ptr<KeptInMemory> kept_;
};

}  // namespace hal9::engine
