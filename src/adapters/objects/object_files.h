// Objects as files beside the ledger: `<ledger>.objects/<2 hex>/<62 hex>.zst`, 0600 in folders 0700,
// each one zstd frame. The name is HMAC-SHA256 of the content under `<ledger>.objects/key`: the key
// never leaves with an export; a copy of the folder takes it along.
//
// A file gets its name when it is whole and synced. Links, devices and what is longer than an object
// may be read as damaged, and are never followed. Objects leave the ledger's disk some room.
#pragma once

#include "engine/objects.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace hal9::objects {

// Left to the ledger and its spool, in bytes.
inline constexpr std::uint64_t kLeaveFree = 16UL << 20U;

std::unique_ptr<engine::Objects> make_objects(const std::filesystem::path& ledger);

}  // namespace hal9::objects
