// Lines as entries of a timeline.
#pragma once

#include "base/result.h"
#include "engine/kept_objects.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace hal9::engine {

// What an entry needs besides its line: the objects that the ledger names, and how many routes there were
// when a rollback of some of them began. Outlives no reader that it was given.
class Entries {
 public:
  using Open = std::function<Result<std::unique_ptr<ledger::Reader>>()>;
  // `open` gives a second reader, for what has to be looked up while `reader` is being read.
  static Result<Entries> make(ledger::Reader& reader, Open open);

  // `event` is the line as it was decoded; of one that could not be, the entry says that it is damaged.
  TimelineEntry of(ledger::Sequence sequence, const Result<ledger::Event>& event);

 private:
  Entries(NamedObjects named, Open open) : named_(std::move(named)), open_(std::move(open)) {}
  std::string scope_of(const ledger::Event& event);

  NamedObjects named_;
  Open open_;
  std::unique_ptr<ledger::Reader> other_;
};

}  // namespace hal9::engine
