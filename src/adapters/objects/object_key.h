// The key by which a ledger's objects are named: 32 random bytes in `<folder>/key`, 0600, made once.
// Private to this folder. Not thread-safe; several processes may make it at a time, and one wins.
#pragma once

#include "base/result.h"
#include "engine/objects.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace hal9::objects {

using ObjectKey = std::array<std::uint8_t, 32>;

// The one that is there, whoever can read it: enough to read by, since no other key gives a content
// the name that the ledger has for it. Evidence on a disk that all can read is read so. Errors:
// missing, read_only, damaged (not 32 bytes), failed.
Result<ObjectKey> read_key(const std::filesystem::path& folder);
// To name by: ours, root's or the ledger's owner's, and nobody else can read it, since with it
// whoever guesses a content can tell its name. Errors: as read_key; not_authorised.
Result<ObjectKey> read_secret_key(
    const std::filesystem::path& folder, const std::filesystem::path& ledger
);
// The one that is there, or a new one, durable, made in the open folder `opened` that lies at `folder`.
// Errors: as read_secret_key; full.
Result<ObjectKey> read_or_make_key(
    int opened, const std::filesystem::path& folder, const std::filesystem::path& ledger
);

// HMAC-SHA256 (RFC 2104) of the content.
engine::ObjectName name_of(const ObjectKey& key, std::string_view content);

}  // namespace hal9::objects
