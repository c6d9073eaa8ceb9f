// The map files of every balancer that has them on this machine, folder by folder. Those of a
// balancer elsewhere are nobody's here: they stay as they were installed. Thread safe as far as
// map_file.h is: a file is replaced as a whole.
#pragma once

#include "adapters/haproxy/map_file.h"
#include "base/result.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

struct MergedMap {
  std::string_view map;
  const Amounts& amounts;
};

// Each map's amounts in its file, in every folder; one result a file that had to be read or written.
std::vector<Result<void>> merge_files(
    const migration::HaproxySettings& settings, std::initializer_list<MergedMap> maps, Merge how
);

// Kill switch on, shares and mirrors 0; what could not be written becomes a sentence in `problems`.
void write_cut_files(
    const migration::HaproxySettings& settings, std::vector<std::string>& problems
);

// That all of them could be replaced. Error: of the first that could not.
Result<void> prove_files(const migration::HaproxySettings& settings);

// What the ledger says that HAProxy should show.
struct Recorded {
  std::vector<migration::RouteAmount> routes;
  bool halted = false;
};

struct FileCheck {
  std::vector<std::string>
      refusals;  // sentences: a restart would bring traffic back, or cannot tell
  std::vector<std::string> warnings;  // sentences: nothing is there yet
};

// What a restart of a HAProxy here would read. Without `recorded` nothing is compared.
FileCheck check_files(
    const migration::HaproxySettings& settings, const std::optional<Recorded>& recorded
);

}  // namespace hal9::haproxy
