// The operating system behind the engine's small ports: clock, randomness, signals, file locks, the
// spool's file, the user's name.
#pragma once

#include "base/result.h"
#include "engine/environment.h"
#include "engine/hooks.h"
#include "engine/lock.h"
#include "engine/seals.h"
#include "engine/spool.h"
#include "migration/actor.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::system {

// Installs handlers for SIGINT and SIGTERM; one a process.
std::unique_ptr<engine::Environment> make_environment();

// What root makes for `ledger` belongs to the ledger's owner (where there is no ledger yet, to the
// folder's), so that one command under sudo shuts nobody out. Every other user's files are his own.

// flock on `file`, made 0600 when missing, polled until the deadline.
std::unique_ptr<engine::Lock> make_file_lock(
    std::filesystem::path file, std::filesystem::path ledger
);

// The spool at `file`; `prepare_spool` makes it with room for an emergency's records (64 KiB of
// zero bytes, which reading passes over). To root, the ledger's owner is trusted here as root is:
// he can write events anyway.
std::unique_ptr<engine::Spool> make_spool(std::filesystem::path file, std::filesystem::path ledger);
Result<void> prepare_spool(const std::filesystem::path& file, const std::filesystem::path& ledger);
// A spool in a folder that everybody writes to, for when the ledger's takes nothing. Belongs to
// whoever makes it, and is there only while something waits in it, so that a user who may not read
// root's sees from its being there that something waits. Somebody else's file of that name holds
// nothing of ours and reads as empty.
std::unique_ptr<engine::Spool> make_spare_spool(
    std::filesystem::path file, std::filesystem::path ledger
);

// `own` take an append in order, until one can; `own` and `others` are read and removed as one,
// ordered by time. What the first holds is an error where it cannot be read, what the rest holds is
// said in Spooled::unread. `own` is not empty.
std::unique_ptr<engine::Spool> join_spools(
    std::vector<std::unique_ptr<engine::Spool>> own,
    std::vector<std::unique_ptr<engine::Spool>> others
);

// Seals as files of a folder, by ledger::seal_name. The one beside the ledger is made when it is
// needed and belongs to the ledger's owner; a witness's has to be there, since what is not may be a
// mount that is not up. Beside the seals there, `.tried` was written at OwnSeals::tried().
std::unique_ptr<engine::OwnSeals> make_seal_folder(
    std::filesystem::path folder, std::filesystem::path ledger
);
std::unique_ptr<engine::SealPlace> make_witness_folder(std::filesystem::path folder);
// A witness behind a program: its arguments and `read` print every seal, a NUL byte behind each;
// with `put NAME` it keeps the one on its stdin under that name, and never another one under a name
// that it has. Exit 0 is done; else its first words on stderr are why. What it says that it has kept
// is read back. It runs in `folder`, hal9.yaml's (empty: this process's own). Root runs no program that
// the ledger's owner has named.
std::unique_ptr<engine::SealPlace> make_witness_command(
    std::vector<std::string> arguments,
    std::filesystem::path ledger,
    std::filesystem::path folder = {}
);
// The signing key at `<ledger>.key`, 0600; the first verifier at `<ledger>.verifier`.
std::unique_ptr<engine::SealKeys> make_seal_keys(std::filesystem::path ledger);

// Hooks as programs of this machine: no shell, a clean environment, begun in `folder`, hal9.yaml's
// (empty: this process's own), their group killed with them. Root
// runs none that the ledger's owner has named, and nobody one that others could replace
// (program_trust.h). What is printed beyond engine::kHookOutput ends it. Each has the lock file `lock`
// open as descriptor 3, and holds it with that.
std::unique_ptr<engine::HookRunner> make_hook_runner(
    std::filesystem::path lock, std::filesystem::path ledger, std::filesystem::path folder = {}
);

// Whom root's spare spool is for, by number: the ledger's owner, as above.
std::optional<std::uint32_t> owner_of(const std::filesystem::path& ledger);

// "os:alice" by the process's real user id; "os:uid-1234" where it has no name. Never blank.
migration::Actor local_actor();

// Writes the whole of `content` to `file` by a synced temporary beside it and a rename; folder
// synced. Mode 0600. Root's belongs to the owner of what it replaces, or of the folder.
// Error: full, read_only, missing (the folder), failed; the old content is there then.
Result<void> write_atomically(const std::filesystem::path& file, std::string_view content);

// Whose a file is that root writes beside a ledger.
enum class Keeper : std::uint8_t {
  owner,  // the ledger's owner has it
  root,   // stays root's, who acts upon no other's files; the ledger's group may read it: 0640
};
Result<void> write_atomically(
    const std::filesystem::path& file,
    std::string_view content,
    const std::filesystem::path& ledger,
    Keeper keeper
);
// The same in a folder that is open, whatever stands at its name by now; `file` is for the words.
Result<void> write_atomically_in(
    int folder,
    const std::filesystem::path& file,
    std::string_view content,
    const std::filesystem::path& ledger,
    Keeper keeper
);

// The same, but never over a file that is there: that one stays, and is no error.
Result<void> create_in(
    int folder,
    const std::filesystem::path& file,
    std::string_view content,
    const std::filesystem::path& ledger
);

// A regular file as a new one, 0600 and synced; its folder is not. Errors: conflict (`to` is there),
// as reading and writing.
Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to);
// Makes the name of a new or renamed file durable. Errors: failed.
Result<void> sync_folder_of(const std::filesystem::path& file);

// For root before a file that is another user's, and that nobody else may write: how a line is typed
// as that user ("setpriv --reuid=1000 ..."). Empty: root's own, not there, or this is not root.
std::string as_its_owner(const std::filesystem::path& file);

// Reads a file that we act upon: regular, owned by us or root, not writable by group or others (as
// ssh asks of its own), at most `limit` bytes. Looked at and read through one descriptor.
// Error: missing, not_authorised (owner, mode, kind), usage (too long), failed.
Result<std::string> read_trusted(const std::filesystem::path& file, std::size_t limit);
// Whether it is such a file, whatever its length.
bool is_trusted(const std::filesystem::path& file);

}  // namespace hal9::system
