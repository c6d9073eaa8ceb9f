// What a disk may hold after its power was cut: everything that was synced, and of the rest what the
// dice leave: nothing, the first part, any part, any part in any order; a write is torn at its
// sectors. The names of new and removed files count as writes of their folder.
#pragma once

#include "crash/recording_vfs.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace hal9::crash {

inline constexpr std::uint64_t kSector = 512;

// Name and bytes of every file.
using Files = std::map<std::string, std::string>;

class PowerCut {
 public:
  // `files` are synced.
  explicit PowerCut(Files files);

  void take(const Step& step);

  // What is left if the power goes now.
  [[nodiscard]] Files cut(std::mt19937_64& dice) const;

 private:
  enum class Name : std::uint8_t { synced, made, removed };
  struct Kept {
    std::string bytes;           // as synced
    std::vector<Step> unsynced;  // Write, Truncate
    Name name = Name::synced;
  };

  std::map<std::string, Kept> files_;
};

}  // namespace hal9::crash
