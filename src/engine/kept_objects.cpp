#include "engine/kept_objects.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "engine/make_command.h"
#include "engine/objects.h"
#include "engine/service.h"
#include "engine/service_parts.h"
#include "engine/views.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "ledger/verify.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/events.h"
#include "migration/object.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace hal9::engine {

namespace {

std::string because(const Error& error) {
  return error.why.empty() ? error.what : error.what + " (" + error.why + ")";
}

// What is wrong with the object itself, as against a place that cannot be read.
bool is_finding(Code code) {
  return code == Code::missing || code == Code::damaged;
}

}  // namespace

std::optional<migration::ObjectKept> object_in(const ledger::Event& event) {
  static const std::string kType =
      migration::type_of(migration::ObjectKept{});  // asked of each event
  if (event.draft.type != kType) return {};
  auto fact = migration::decode_fact(event.draft.type, event.draft.data);
  if (!fact) return {};
  return std::get<migration::ObjectKept>(*fact);
}

void add_cut_reason(Outcome& outcome, const Asker& asker) {
  const auto bytes = to_utf8(asker.reason).size();
  if (bytes <= ledger::kMaxReasonBytes) return;
  outcome.notes.push_back(fmt::format(
      "the reason has {} bytes and the record takes {}: its end is cut off there; "
      "hal9-migrate annotate takes the whole of it",
      bytes,
      ledger::kMaxReasonBytes
  ));
}

Result<NamedObjects> named_objects(ledger::Reader& reader) {
  NamedObjects named;
  ledger::Filter filter;
  filter.types = {migration::type_of(migration::ObjectKept{})};
  auto read = reader.scan(filter, [&](ledger::Sequence, std::string_view line) {
    // A line that cannot be read is said where the timeline comes to it.
    const auto event = ledger::decode(line);
    if (!event || !event->draft.causation) return true;
    if (const auto kept = object_in(*event)) named[*event->draft.causation].push_back(*kept);
    return true;
  });
  if (!read) return pass_on(read);
  return named;
}

std::vector<migration::ObjectKept> objects_of(
    const ledger::Event& event, const NamedObjects& named
) {
  if (const auto kept = object_in(event)) return {*kept};
  std::vector<migration::ObjectKept> of_it;
  const auto found = event.draft.causation ? named.find(*event.draft.causation) : named.end();
  if (found == named.end()) return of_it;
  const bool note = event.draft.type == migration::type_of(migration::AnnotationAdded{});
  const bool hook = event.draft.type == migration::type_of(migration::HookRan{});
  const auto is_of_it = [&](migration::ObjectOf of) {
    switch (of) {
      case migration::ObjectOf::reason:
        return !event.draft.reason.empty();
      case migration::ObjectOf::annotation:
        return note;
      case migration::ObjectOf::output:
        return hook;
    }
    return false;
  };
  for (const migration::ObjectKept& kept : found->second) {
    if (is_of_it(kept.of)) of_it.push_back(kept);
  }
  return of_it;
}

ObjectCheck check_objects(Objects& objects, const std::vector<NamedAt>& named) {
  ObjectCheck check;
  check.location = objects.location();
  // As against one that is missing among others: an export has no objects, so an import makes none.
  if (!named.empty() && !objects.exists()) {
    check.problem = fmt::format("it is not there, and the ledger names {}", named.size());
    return check;
  }
  for (const auto& [sequence, kept] : named) {
    const ObjectName name{kept.object};
    auto bytes = objects.check(name);
    if (!bytes && !is_finding(bytes.error().code)) {
      check.problem = because(bytes.error());
      return check;
    }
    if (bytes && *bytes == kept.bytes) {
      ++check.checked;
      continue;
    }
    if (check.finding) continue;
    check.finding = ledger::Finding{
        sequence,
        bytes ? fmt::format("object {} has {} bytes and not {}", name.text(), *bytes, kept.bytes)
              : because(bytes.error())
    };
  }
  return check;
}

bool Service::Parts::keep(
    migration::ObjectOf of,
    std::string_view text,
    migration::Command& command,
    std::vector<std::string>& notes
) {
  auto name = ports.objects->put(text);
  if (name) {
    command.objects.push_back({name->value, text.size(), of});
    return true;
  }
  notes.push_back(fmt::format(
      "the whole {} ({} bytes) could not be kept, its end is cut off: {}",
      to_text(of),
      text.size(),
      because(name.error())
  ));
  return false;
}

migration::Command Service::Parts::whole_command(
    const Asker& asker,
    migration::CommandBody body,
    std::vector<std::string>& notes,
    std::optional<CorrelationId> correlation
) {
  auto command = make_command(*ports.environment, asker, std::move(body), correlation);
  const std::string reason = to_utf8(asker.reason);
  if (reason.size() > ledger::kMaxReasonBytes) {
    keep(migration::ObjectOf::reason, reason, command, notes);
  }
  auto* annotation = std::get_if<migration::Annotate>(&command.body);
  if (annotation == nullptr || annotation->text.size() <= kLineTextBytes) return command;
  const std::string text = to_utf8(annotation->text);
  const bool kept = keep(migration::ObjectOf::annotation, text, command, notes);
  // Where nothing keeps the rest, the line says itself that it is cut.
  annotation->text =
      kept ? std::string(first_bytes(text, kLineTextBytes)) : shorten(text, kLineTextBytes);
  return command;
}

Result<ObjectView> Service::object(const ObjectName& name) {
  auto content = parts_->ports.objects->get(name);
  // As verify has it: the answer is no, and the ledger is as usable as before.
  if (!content && is_finding(content.error().code)) content.error().code = Code::negative;
  if (!content) return pass_on(content);
  return ObjectView{whereabouts(), name.text(), std::move(*content)};
}

}  // namespace hal9::engine
