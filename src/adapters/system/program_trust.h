// Whether somebody else could put his own program in the place of one that is configured: whoever runs
// hal9-migrate would then run his.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hal9::system {

struct Replaceable {
  std::filesystem::path place;  // the file, or a folder on the way to it
  std::string how;              // a sentence: "/opt/tools may be written by everybody"
  std::string next;             // what to type about it: "chmod o-w /opt/tools"
};

// Looks at the program (the first argument), at every other argument that is the path of something,
// absolute or from `folder`, where the program runs (empty: absolute ones alone), and at each folder on
// the way there, links followed. Somebody else: who is neither root nor
// `user` nor `owner` (the ledger's), and owns one of them or may write it; a group counts where `user`
// is root. A folder whose sticky bit is set keeps what is in it to its owners. What is not there is
// passed over: running it tells. Absent: nobody else.
std::optional<Replaceable> replaceable_at(
    const std::vector<std::string>& arguments,
    std::uint32_t user,
    std::uint32_t owner,
    const std::filesystem::path& folder = {}
);

}  // namespace hal9::system
