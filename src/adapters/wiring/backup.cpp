#include "adapters/objects/object_files.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/system.h"
#include "adapters/wiring/parts.h"
#include "adapters/wiring/wiring.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/views.h"
#include "ledger/verify.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace hal9::wiring {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> not_made(Code code, const fs::path& what, std::string why) {
  return fail(code, what.string() + " cannot be made", std::move(why), "no backup was made");
}

// A folder under another name, gone with all that is in it unless it was put in its place.
class Draft {
 public:
  explicit Draft(const fs::path& folder) : path_(folder) {
    path_ += fmt::format(".new-{}", ::getpid());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    std::error_code ignored;
    if (made_) fs::remove_all(path_, ignored);
  }

  Result<void> make() {
    std::error_code error;
    made_ = fs::create_directory(path_, error);
    if (!made_) return not_made(Code::read_only, path_, error.message());
    fs::permissions(path_, fs::perms::owner_all, error);
    return error ? not_made(Code::read_only, path_, error.message()) : Result<void>();
  }
  Result<void> put(const fs::path& folder) {
    std::error_code error;
    if (auto synced = system::sync_folder_of(path_ / "its files"); !synced) return synced;
    fs::rename(path_, folder, error);  // an empty folder is replaced, no other one
    if (error) return not_made(Code::conflict, folder, error.message());
    made_ = false;
    return system::sync_folder_of(folder);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool made_ = false;
};

// A copy that is made inside of what is copied would be copied as well.
bool lies_in(const fs::path& folder, const fs::path& other) {
  std::error_code ignored;
  const fs::path from = fs::weakly_canonical(other, ignored);
  for (fs::path at = fs::weakly_canonical(folder, ignored); at.has_relative_path();
       at = at.parent_path()) {
    if (at == from) return true;
  }
  return false;
}

Result<void> is_free(const fs::path& folder, const fs::path& ledger) {
  std::error_code ignored;
  if (lies_in(folder, beside(ledger, ".objects")) || lies_in(folder, beside(ledger, ".seals"))) {
    return fail(
        Code::usage,
        folder.string() + " is a part of the ledger",
        "a backup lies outside of what it copies",
        "no backup was made",
        "hal9-migrate ledger backup " + escape_shell((ledger.parent_path() / "copy").string())
    );
  }
  const bool there = fs::exists(fs::symlink_status(folder, ignored));
  if (!there || (fs::is_directory(folder, ignored) && fs::is_empty(folder, ignored))) return {};
  return fail(
      Code::conflict,
      folder.string() + " is there already",
      "a backup overwrites nothing",
      "no backup was made",
      "hal9-migrate ledger backup " + escape_shell(folder.string() + "-2")
  );
}

// Each file synced, links and what is no file left out; `kept` counts them.
Result<void> copy_files(const fs::path& from, const fs::path& to, std::uint64_t& kept) {
  std::error_code error;
  fs::directory_iterator entry(from, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (!error) fs::create_directory(to, error);
  if (!error) fs::permissions(to, fs::perms::owner_all, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path name = entry->path().filename();
    if (name.string().starts_with('.')) continue;  // being written
    const auto kind = entry->symlink_status(error).type();
    if (kind == fs::file_type::directory) {
      if (auto copied = copy_files(entry->path(), to / name, kept); !copied) return copied;
    } else if (kind == fs::file_type::regular) {
      if (auto copied = system::copy_file(entry->path(), to / name); !copied) return copied;
      ++kept;
    }
  }
  if (error) return not_made(Code::failed, to, error.message());
  return system::sync_folder_of(to / "its files");
}

// Seals first and objects last: no seal of more events than are copied, no event whose object is not.
Result<void> fill(const fs::path& ledger, const fs::path& copy, engine::BackupView& view) {
  if (auto done = copy_files(beside(ledger, ".seals"), beside(copy, ".seals"), view.seals); !done) {
    return done;
  }
  const fs::path verifier = beside(ledger, ".verifier");
  std::error_code ignored;
  if (fs::exists(verifier, ignored)) {
    auto done = system::copy_file(verifier, beside(copy, ".verifier"));
    if (!done) return done;
  }
  if (auto done = sqlite::copy(ledger, copy); !done) return done;
  std::uint64_t files = 0;  // with the key that names them
  auto kept = copy_files(beside(ledger, ".objects"), beside(copy, ".objects"), files);
  if (!kept) return kept;
  auto names = objects::make_objects(copy)->list();
  if (!names) return pass_on(names);
  view.objects = names->size();
  return {};
}

tl::unexpected<Error> not_right(std::string why) {
  return fail(
      Code::negative,
      "the copy does not verify",
      std::move(why),
      "no backup was made",
      "hal9-migrate ledger verify"
  );
}

std::string words_of(const std::optional<ledger::Finding>& finding) {
  return finding ? finding->what : std::string();
}

// Read again where it lies: all that verify says of a ledger.
Result<void> check(const Wired& wired, const fs::path& copy, engine::BackupView& view) {
  auto evidence = wire_evidence({{}, copy.string()});
  if (!evidence) return pass_on(evidence);
  auto verified = evidence->service->verify();
  if (!verified) return pass_on(verified);
  view.head = verified->head;
  view.root = to_hex(verified->lines.root);
  view.state_digest = verified->state_digest;
  if (!verified->lines.lines_hold) return not_right(words_of(verified->finding));
  // What is wrong besides was wrong before, and is no reason to have no copy of the events.
  if (verified->finding) {
    view.problem = words_of(verified->finding);
  } else if (!verified->objects.problem.empty()) {
    view.problem = "objects: " + verified->objects.problem;
  }
  auto root = wired.service->root_of(view.head.value);
  if (!root) return pass_on(root);
  const auto& there = *root;
  if (there && *there == verified->lines.root) return {};
  return not_right("its root is not the ledger's");
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  }
  return bytes;
}

}  // namespace

Result<engine::BackupView> backup(const Wired& wired, const fs::path& folder) {
  const fs::path whole = absolute(folder.string()).lexically_normal();
  const fs::path place = whole.has_filename() ? whole : whole.parent_path();
  if (auto free = is_free(place, wired.ledger_file); !free) return pass_on(free);
  Draft draft(place);
  if (auto made = draft.make(); !made) return pass_on(made);
  engine::BackupView view;
  view.where = wired.service->whereabouts();
  const fs::path file = wired.ledger_file.filename();
  if (auto filled = fill(wired.ledger_file, draft.path() / file, view); !filled) {
    return pass_on(filled);
  }
  if (auto right = check(wired, draft.path() / file, view); !right) return pass_on(right);
  view.bytes = bytes_in(draft.path());
  // Words about a file name it where it will lie.
  const std::string drafted = draft.path().string();
  for (std::size_t at = 0; (at = view.problem.find(drafted, at)) != std::string::npos;) {
    view.problem.replace(at, drafted.size(), place.string());
  }
  if (auto put = draft.put(place); !put) return pass_on(put);
  view.folder = place.string();
  view.ledger = (place / file).string();
  return view;
}

}  // namespace hal9::wiring
