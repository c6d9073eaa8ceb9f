// The operating system behind the engine's small ports: clock, randomness, signals, file locks, the
// spool's file, the user's name.
#pragma once

#include "base/result.h"
#include "engine/environment.h"
#include "engine/lock.h"
#include "engine/spool.h"
#include "migration/actor.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hal9::system {

// Installs handlers for SIGINT and SIGTERM; one a process.
std::unique_ptr<engine::Environment> make_environment();

// flock on `file`, made 0600 when missing, polled until the deadline.
std::unique_ptr<engine::Lock> make_file_lock(std::filesystem::path file);

// The spool at `file`; `prepare_spool` makes it with room for an emergency's records (64 KiB of
// zero bytes, which reading passes over).
std::unique_ptr<engine::Spool> make_spool(std::filesystem::path file);
Result<void> prepare_spool(const std::filesystem::path& file);

// `second` takes what `first` cannot; both are read and removed as one, ordered by time.
std::unique_ptr<engine::Spool> make_two_spools(
    std::unique_ptr<engine::Spool> first, std::unique_ptr<engine::Spool> second
);

// "os:alice" by the process's real user id; "os:uid-1234" where it has no name. Never blank.
migration::Actor local_actor();

// Writes the whole of `content` to `file` by a synced temporary beside it and a rename; folder
// synced. Mode 0600.
// Error: full, read_only, missing (the folder), failed; the old content is there then.
Result<void> write_atomically(const std::filesystem::path& file, std::string_view content);

// Reads a file that we act upon: regular, owned by us or root, not writable by group or others (as
// ssh asks of its own), at most `limit` bytes. Looked at and read through one descriptor.
// Error: missing, not_authorised (owner, mode, kind), usage (too long), failed.
Result<std::string> read_trusted(const std::filesystem::path& file, std::size_t limit);

}  // namespace hal9::system
