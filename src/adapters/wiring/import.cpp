#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/system.h"
#include "adapters/wiring/parts.h"
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "base/sha256.h"
#include "engine/importer.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace hal9::wiring {

namespace fs = std::filesystem;

struct Import::Parts {
  fs::path ledger;  // where it will be
  fs::path draft;   // where it is made
  std::unique_ptr<ledger::Store> store;
  std::unique_ptr<engine::Importer> importer;
  std::optional<Error> failed;

  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    importer.reset();
    store.reset();
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      ::unlink(beside(draft, suffix).c_str());
    }
  }

  // Named after the first line's source.
  Result<void> make(std::string_view line);
};

namespace {

constexpr std::string_view kSource = "/hal9/ledger/";

tl::unexpected<Error> is_there(const fs::path& ledger) {
  return fail(
      Code::conflict,
      ledger.string() + " is there already",
      "an import makes a ledger and changes none",
      "nothing was imported"
  );
}

tl::unexpected<Error> not_imported(std::string what, std::string why) {
  return fail(Code::negative, std::move(what), std::move(why), "nothing was imported", "");
}

Result<void> put_in_place(const fs::path& draft, const fs::path& ledger) {
  if (::link(draft.c_str(), ledger.c_str()) == 0) return system::sync_folder_of(ledger);
  if (errno == EEXIST) return is_there(ledger);
  return fail(
      Code::failed,
      ledger.string() + " cannot be made",
      std::strerror(errno),
      "nothing was imported"
  );
}

}  // namespace

Result<void> Import::Parts::make(std::string_view line) {
  const auto event = ledger::decode(line);
  const std::string source = event ? event->source : std::string(kSource) + "unknown";
  if (!source.starts_with(kSource)) {
    return not_imported("this is no export of a ledger", "its source is \"" + source + "\"");
  }
  auto made = sqlite::create(draft, source.substr(kSource.size()));
  if (!made) return made;
  auto opened = sqlite::open(draft);
  if (!opened) return pass_on(opened);
  store = std::move(*opened);
  importer = std::make_unique<engine::Importer>(*store);
  return {};
}

Import::Import(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Import::Import(Import&&) noexcept = default;
Import::~Import() = default;

Result<Import> Import::begin(const Places& places) {
  auto ledger = ledger_of(places);
  if (!ledger) return pass_on(ledger);
  auto parts = std::make_unique<Parts>();
  parts->ledger = std::move(*ledger);
  parts->draft = beside(parts->ledger, fmt::format(".import-{}", ::getpid()));
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::error_code ignored;
    const fs::path file = beside(parts->ledger, suffix);
    if (fs::exists(fs::symlink_status(file, ignored))) return is_there(file);
  }
  return Import(std::move(parts));
}

Result<void> Import::take(std::string_view line) {
  if (!parts_->importer) {
    if (auto made = parts_->make(line); !made) return made;
  }
  return parts_->importer->take(line);
}

Result<engine::ImportedView> Import::finish(const std::optional<Digest>& root) {
  if (!parts_->importer) return not_imported("this is no export of a ledger", "it has no line");
  if (auto done = parts_->importer->finish(); !done) return pass_on(done);
  parts_->importer.reset();
  parts_->store.reset();
  if (auto settled = sqlite::settle(parts_->draft); !settled) return pass_on(settled);
  auto wired = wire_evidence({{}, parts_->draft.string()});
  if (!wired) return pass_on(wired);
  auto verified = wired->service->verify();
  if (!verified) return pass_on(verified);
  if (const auto& finding = verified->finding) {
    return not_imported("what was imported does not verify", finding->what);
  }
  engine::ImportedView view;
  view.ledger = parts_->ledger.string();
  view.name = wired->service->configuration().name.text();
  view.head = verified->head;
  view.root = to_hex(verified->lines.root);
  view.state_digest = verified->state_digest;
  if (root && *root != verified->lines.root) {
    return not_imported("the export has another root than --root: " + view.root, "");
  }
  if (auto put = put_in_place(parts_->draft, parts_->ledger); !put) return pass_on(put);
  return view;
}

}  // namespace hal9::wiring
