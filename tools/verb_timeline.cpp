// `timeline`: what happened, in constant memory whatever the length; the newest N keep N.
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "command_line.h"
#include "context.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "ledger/store.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/route.h"
#include "mistyped.h"
#include "output.h"
#include "say.h"
#include "verbs.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

// "rollback" and "rollback.started" stand for the types that they are part of.
Result<void> add_types(
    const CommandLine& line, const std::string& text, std::vector<std::string>& types
) {
  std::vector<std::string> known;
  bool any = false;
  for (const std::string& type : migration::all_types()) {
    const std::string words = type.substr(5, type.rfind('.') - 5);  // without hal9. and .v1
    known.push_back(words);
    if (type != text && words != text && !words.starts_with(text + ".")) continue;
    types.push_back(type);
    any = true;
  }
  if (any) return {};
  std::vector<std::string> families = known;
  for (const std::string& words : known) families.push_back(words.substr(0, words.find('.')));
  const std::string meant = meant_by(text, families);
  return fail(
      Code::usage,
      fmt::format("there is no event type \"{}\"", text),
      meant.empty() ? fmt::format("types: {}", fmt::join(known, ", "))
                    : fmt::format("Did you mean \"{}\"?", meant),
      "nothing was changed",
      meant.empty() ? line.without({"type"}) : line.with_instead("type", text, meant)
  );
}

Result<void> add_range(const CommandLine& line, ledger::Filter& filter) {
  auto from = parse_moment(line, "from");
  if (!from) return pass_on(from);
  if (const auto& first = *from) {
    filter.from = first->sequence;
    filter.recorded_from = first->time;
  }
  auto to = parse_moment(line, "to");
  if (!to) return pass_on(to);
  if (const auto& last = *to) {
    filter.to = last->sequence;
    filter.recorded_to = last->time;
  }
  return {};
}

// What is configured now, and what events tell of: a route may have left the configuration.
Result<void> check_subject(const CommandLine& line, engine::Service& service) {
  const auto subject = line.value("subject");
  if (!subject) return {};
  std::vector<std::string> known = {"all"};
  const auto& configuration = service.configuration();
  for (const auto& route : migration::routes_of(configuration)) known.push_back(to_text(route));
  for (const Name& feature : configuration.features) known.push_back(feature.text());
  if (std::ranges::find(known, *subject) != known.end()) return {};
  bool told = false;
  ledger::Filter filter;
  filter.subjects = {*subject};
  auto read = service.timeline(filter, [&](const engine::TimelineEntry&) {
    told = true;
    return false;
  });
  if (!read || told) return read;
  const std::string meant = meant_by(*subject, known);
  return fail(
      Code::usage,
      fmt::format("there is no route or feature \"{}\"", *subject),
      meant.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                    : fmt::format("Did you mean \"{}\"?", meant),
      "nothing was changed",
      meant.empty() ? line.without({"subject"}) : line.with("subject", meant)
  );
}

// Nobody is missed by a typing error: where an actor has done nothing, those who have are named.
void say_actors(Context& context, engine::Service& service, const std::string& actor) {
  constexpr std::size_t kNamed = 20;
  std::set<std::string> actors;
  auto read = service.timeline({}, [&](const engine::TimelineEntry& entry) {
    if (!entry.actor.empty()) actors.insert(entry.actor);
    return actors.size() <= kNamed;
  });
  if (!read || actors.contains(actor)) return;
  const bool more = actors.size() > kNamed;
  context.terminal().say(fmt::format(
      "no event is by \"{}\"; there are events by {}{}",
      actor,
      fmt::join(actors, ", "),
      more ? " and others" : ""
  ));
}

Result<ledger::Filter> parse_filter(const CommandLine& line, engine::Service& service) {
  ledger::Filter filter;
  for (const std::string& text : line.values("type")) {
    if (auto added = add_types(line, text, filter.types); !added) return pass_on(added);
  }
  if (auto added = add_range(line, filter); !added) return pass_on(added);
  if (const auto rollback = line.value("rollback")) {
    auto id = parse_rollback(service, *rollback, line.with("rollback", "latest"));
    if (!id) return pass_on(id);
    filter.correlation = CorrelationId{id->bytes};
  }
  if (auto known = check_subject(line, service); !known) return pass_on(known);
  filter.actor = line.value("actor");
  if (auto subject = line.value("subject")) filter.subjects = {std::move(*subject)};
  return filter;
}

// Writes entries in the form that was asked for.
class Writer {
 public:
  Writer(Output& output, Format format) : output_(output), format_(format), list_(format) {}

  bool operator()(const engine::TimelineEntry& entry) {
    ++count_;
    if (is_structured(format_)) return output_.write(list_.element(engine::to_json(entry)));
    // Who executes is seldom what the reason is about; it goes to the line after.
    const bool executor = entry.type == migration::type_of(migration::ExecutorTaken{});
    return output_.write(entry_text(entry, !executor && first_of(entry.correlation)));
  }
  void end() {
    if (is_structured(format_)) {
      output_.write(list_.end());
    } else if (count_ == 0) {
      output_.write("no events\n");
    }
  }

  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  // Events of one correlation stand close together, so a short memory is enough.
  bool first_of(const std::string& correlation) {
    if (std::ranges::find(recent_, correlation) != recent_.end()) return false;
    recent_.push_back(correlation);
    if (recent_.size() > kRemembered) recent_.pop_front();
    return true;
  }

  static constexpr std::size_t kRemembered = 64;
  Output& output_;
  Format format_;
  ListRenderer list_;
  std::deque<std::string> recent_;
  std::uint64_t count_ = 0;
};

// The newest `limit`, in the order that was asked for.
Result<void> write_newest(
    engine::Service& service,
    ledger::Filter filter,
    std::uint64_t limit,
    bool reverse,
    Writer& writer
) {
  filter.direction = ledger::Direction::backward;
  std::vector<engine::TimelineEntry> kept;
  auto read = service.timeline(filter, [&](const engine::TimelineEntry& entry) {
    kept.push_back(entry);
    return kept.size() < limit;
  });
  if (!read) return read;
  if (!reverse) std::ranges::reverse(kept);
  std::ranges::all_of(kept, std::ref(writer));
  return {};
}

}  // namespace

Result<int> run_timeline(Context& context) {
  const CommandLine& line = context.line();
  auto limit = line.number("limit");
  if (!limit) return pass_on(limit);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto filter = parse_filter(line, *wired->service);
  if (!filter) return pass_on(filter);
  auto output = context.open_output(*wired);
  if (!output) return pass_on(output);
  Writer writer(*output, context.format());
  const bool reverse = line.has("reverse");
  if (reverse) filter->direction = ledger::Direction::backward;
  const auto& most = *limit;
  auto written = most ? write_newest(*wired->service, *filter, *most, reverse, writer)
                      : wired->service->timeline(*filter, std::ref(writer));
  if (!written) return pass_on(written);
  writer.end();
  auto code = context.close_output(*output, kDone);
  const auto actor = line.value("actor");
  if (code && actor && writer.empty()) say_actors(context, *wired->service, *actor);
  context.say_spooled(*wired->service);
  return code;
}

}  // namespace hal9::tools
