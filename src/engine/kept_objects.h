// Texts that are kept whole beside the ledger: what their cut form is, what is said where they could
// not be kept, and which of them the ledger names.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "engine/objects.h"
#include "engine/service.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/object.h"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace hal9::engine {

// What an event holds of an annotation; more is an object.
inline constexpr std::size_t kLineTextBytes = 4096;
// What `annotate` takes.
inline constexpr std::size_t kMaxAnnotationBytes = 1UL << 20U;

// A note where the asker's reason is cut and nothing keeps the whole of it.
void add_cut_reason(Outcome& outcome, const Asker& asker);

// Nothing where the event is another fact.
std::optional<migration::ObjectKept> object_in(const ledger::Event& event);

// The objects that a ledger names, by the command whose events they belong to.
using NamedObjects = std::map<CommandId, std::vector<migration::ObjectKept>>;
Result<NamedObjects> named_objects(ledger::Reader& reader);
// Those of them that hold the whole of what this event has cut.
std::vector<migration::ObjectKept> objects_of(
    const ledger::Event& event, const NamedObjects& named
);

// An object and the event that names it.
using NamedAt = std::pair<ledger::Sequence, migration::ObjectKept>;
ObjectCheck check_objects(Objects& objects, const std::vector<NamedAt>& named);

}  // namespace hal9::engine
