#include "crash/power_cut.h"

#include "crash/recording_vfs.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hal9::crash {

namespace {

void apply(std::string& bytes, const Step& step) {
  if (const auto* write = std::get_if<Write>(&step)) {
    const std::size_t ends = write->offset + write->bytes.size();
    if (bytes.size() < ends) bytes.resize(ends);
    bytes.replace(write->offset, write->bytes.size(), write->bytes);
  } else if (const auto* truncate = std::get_if<Truncate>(&step)) {
    bytes.resize(truncate->size);
  }
}

// A write in pieces that a disk writes as a whole.
void split(const Step& step, std::vector<Step>& pieces) {
  const auto* write = std::get_if<Write>(&step);
  if (write == nullptr) {
    pieces.push_back(step);
    return;
  }
  for (std::uint64_t at = 0; at < write->bytes.size();) {
    const std::uint64_t sector_ends = ((write->offset + at) / kSector + 1) * kSector;
    const std::uint64_t size = std::min(sector_ends - write->offset - at, write->bytes.size() - at);
    pieces.emplace_back(Write{write->file, write->offset + at, write->bytes.substr(at, size)});
    at += size;
  }
}

bool toss(std::mt19937_64& dice) {
  return (dice() & 1U) != 0;
}

// Those of the pieces that reached the disk, in the order in which they did.
std::vector<Step> survivors(std::vector<Step> pieces, std::mt19937_64& dice) {
  enum Way : std::uint8_t { nothing, first_part, any_part, any_order, kWays };
  const auto way = static_cast<Way>(dice() % kWays);
  if (way == nothing || pieces.empty()) return {};
  if (way == first_part) {
    pieces.resize(dice() % (pieces.size() + 1));
    return pieces;
  }
  if (way == any_order) std::ranges::shuffle(pieces, dice);
  // From "nearly nothing" to "all but a sector or two".
  const std::uint64_t of_thousand = dice() % 1001;
  std::erase_if(pieces, [&](const Step&) { return dice() % 1000 >= of_thousand; });
  return pieces;
}

}  // namespace

PowerCut::PowerCut(Files files) {
  for (auto& [name, bytes] : files) files_[name].bytes = std::move(bytes);
}

void PowerCut::take(const Step& step) {
  if (const auto* write = std::get_if<Write>(&step)) {
    files_[write->file].unsynced.push_back(step);
  } else if (const auto* truncate = std::get_if<Truncate>(&step)) {
    files_[truncate->file].unsynced.push_back(step);
  } else if (const auto* create = std::get_if<Create>(&step)) {
    files_[create->file] = {{}, {}, Name::made};
  } else if (const auto* remove = std::get_if<Remove>(&step)) {
    files_[remove->file].name = Name::removed;
  } else if (const auto* sync = std::get_if<Sync>(&step)) {
    Kept& kept = files_[sync->file];
    for (const Step& one : kept.unsynced) apply(kept.bytes, one);
    kept.unsynced.clear();
    if (kept.name == Name::made) kept.name = Name::synced;
  } else if (std::holds_alternative<SyncFolder>(step)) {
    std::erase_if(files_, [](const auto& file) { return file.second.name == Name::removed; });
    for (auto& [name, kept] : files_) kept.name = Name::synced;
  }
}

Files PowerCut::cut(std::mt19937_64& dice) const {
  Files left;
  for (const auto& [name, kept] : files_) {
    if (kept.name != Name::synced && toss(dice)) continue;
    std::string bytes = kept.bytes;
    std::vector<Step> pieces;
    for (const Step& step : kept.unsynced) split(step, pieces);
    for (const Step& piece : survivors(std::move(pieces), dice)) apply(bytes, piece);
    left[name] = std::move(bytes);
  }
  return left;
}

}  // namespace hal9::crash
