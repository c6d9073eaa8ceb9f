// A long, ordinary migration: configured, then route after route asked for, applied and read back,
// with a remark now and then. Every event folds without an anomaly. The same number gives the same
// event on every machine.
#pragma once

#include "base/id.h"
#include "ledger/line.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace hal9::bench {

// One command of that life and its events.
struct Told {
  CommandId command;
  std::vector<ledger::Draft> drafts;
};

class Life {
 public:
  Life();
  Told next();

 private:
  ledger::Draft draft(const Told& told, std::uint64_t place) const;
  Told opening();

  migration::Configuration configuration_;
  std::vector<migration::Route> routes_;
  std::uint64_t turn_ = 0;
};

// One event of a step over a route, as a command of its own.
ledger::Draft one_draft(std::uint64_t number);

// Makes the ledger `bench` with at least so many events, commands of one or two in transactions of
// about a thousand, snapshots as often as the writer stores them. Throws if it does not fold.
void make_long_ledger(const std::filesystem::path& file, std::uint64_t events);

}  // namespace hal9::bench
