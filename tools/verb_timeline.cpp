// `timeline`: what happened, in constant memory whatever the length; the newest N keep N; --group has a
// group in memory (timeline_groups.h), and --follow goes on until Ctrl-C.
#include "adapters/wiring/wiring.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "context.h"
#include "engine/grouped.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/configuration.h"
#include "migration/events.h"
#include "migration/route.h"
#include "mistyped.h"
#include "output.h"
#include "say.h"
#include "timeline_groups.h"
#include "verbs.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>
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

// What was ever configured, and what events are about: both are looked up, no event is read for it.
Result<bool> is_known_subject(engine::Service& service, const std::string& subject) {
  // As recorded: the router is not asked.
  const auto view = service.status({{}, Time::max()});
  if (view) {
    for (const auto& [route, state] : view->state.routes) {
      if (to_text(route) == subject) return true;
    }
    for (const auto& [feature, amount] : view->state.features) {
      if (feature.text() == subject) return true;
    }
  }
  bool told = false;
  ledger::Filter filter;
  filter.subjects = {subject};
  auto read = service.lines(filter, [&](ledger::Sequence, std::string_view) {
    told = true;
    return false;
  });
  if (!read) return pass_on(read);
  return told;
}

Result<void> check_subject(const CommandLine& line, engine::Service& service) {
  const auto subject = line.value("subject");
  if (!subject) return {};
  std::vector<std::string> known = {"all"};
  const auto& configuration = service.configuration();
  for (const auto& route : migration::routes_of(configuration)) known.push_back(to_text(route));
  for (const Name& feature : configuration.features) known.push_back(feature.text());
  if (std::ranges::find(known, *subject) != known.end()) return {};
  auto told = is_known_subject(service, *subject);
  if (!told) return pass_on(told);
  if (*told) return {};
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

// Nobody is missed by a typing error: where an actor has done nothing, those who have are named, as far as
// the newest events tell.
void say_actors(Context& context, engine::Service& service, const std::string& actor) {
  constexpr std::size_t kNamed = 20;
  constexpr std::size_t kLookedAt = 2000;
  std::set<std::string> actors;
  std::size_t looked_at = 0;
  ledger::Filter newest;
  newest.direction = ledger::Direction::backward;
  auto read = service.timeline(newest, [&](const engine::TimelineEntry& entry) {
    if (!entry.actor.empty()) actors.insert(entry.actor);
    return ++looked_at < kLookedAt && actors.size() <= kNamed;
  });
  if (!read || actors.contains(actor)) return;
  const bool more = actors.size() > kNamed || looked_at == kLookedAt;
  context.terminal().say(fmt::format(
      "no event is by \"{}\"; there are events by {}{}",
      actor,
      fmt::join(actors, ", "),
      more ? " and perhaps others" : ""
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
  Writer(Output& output, Format format)
      : output_(output), format_(format), list_(format, row_of_timeline()) {}

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

// What goes with what: of groups the members are what happened, in its order.
Result<void> check_options(const Context& context) {
  const CommandLine& line = context.line();
  const auto apart = [&](const char* one, const char* other, std::string why) -> Result<void> {
    return fail(
        Code::usage,
        fmt::format("--{} does not go with --{}", other, one),
        std::move(why),
        std::string(kUntouched),
        line.without({other})
    );
  };
  if (line.has("group")) {
    for (const char* other : {"follow", "reverse", "type", "actor", "subject"}) {
      if (line.has(other)) return apart("group", other, "a group is what happened, all of it");
    }
  }
  if (!line.has("follow")) return {};
  for (const char* other : {"reverse", "to"}) {
    if (line.has(other)) return apart("follow", other, "new events come last, without an end");
  }
  if (line.has("immutable")) {
    return apart("follow", "immutable", "evidence does not change; nothing new comes");
  }
  if (line.value("output").value_or("-") != "-") {
    return apart("follow", "output", "a file is there when it is whole, and this one never is");
  }
  const Format format = context.format();
  if (format != Format::json && format != Format::yaml) return {};
  return fail(
      Code::usage,
      "--follow has no end, and so no document",
      "json and yaml are whole or nothing; jsonl has a line an event",
      std::string(kUntouched),
      line.has("json") ? line.without({"json"}) + " --format jsonl" : line.with("format", "jsonl")
  );
}

Result<int> show_groups(
    Context& context, const wiring::Wired& wired, const ledger::Filter& filter
) {
  const CommandLine& line = context.line();
  auto limit = line.number("limit");
  if (!limit) return pass_on(limit);
  auto output = context.open_output(wired);
  if (!output) return pass_on(output);
  GroupText text(*output);
  GroupList list(*output, context.format());
  const bool structured = is_structured(context.format());
  engine::GroupSink& sink = structured ? static_cast<engine::GroupSink&>(list) : text;
  auto read = filter.correlation
                  ? engine::read_group(*wired.service, RollbackId{filter.correlation->bytes}, sink)
                  : engine::read_groups(*wired.service, filter, *limit, sink);
  if (!read) return pass_on(read);
  if (structured) {
    list.finish();
  } else if (text.empty()) {
    output->write(*limit ? "no rollbacks\n" : "no events\n");
  }
  auto code = context.close_output(*output, kDone);
  context.say_spooled(*wired.service);
  return code;
}

// Of the last event there is; 0: there is none.
Result<ledger::Sequence> newest_of(engine::Service& service) {
  ledger::Filter filter;
  filter.direction = ledger::Direction::backward;
  ledger::Sequence newest;
  auto read = service.lines(filter, [&](ledger::Sequence sequence, std::string_view) {
    newest = sequence;
    return false;
  });
  if (!read) return pass_on(read);
  return newest;
}

// One look at what is behind `shown`, which it brings up to the ledger's end. False: nobody reads on.
Result<bool> show_new(
    engine::Service& service, ledger::Filter filter, ledger::Sequence& shown, Writer& writer
) {
  auto newest = newest_of(service);
  if (!newest) return pass_on(newest);
  if (*newest <= shown) return true;
  const ledger::Sequence next{shown.value + 1};
  filter.from = std::max(filter.from.value_or(next), next);
  filter.to = *newest;
  bool wanted = true;
  auto read = service.timeline(filter, [&](const engine::TimelineEntry& entry) {
    wanted = writer(entry);
    return wanted;
  });
  if (!read) return pass_on(read);
  shown = *newest;
  return wanted;
}

// Until Ctrl-C. A ledger that is locked for a moment is no reason to stop looking; one that cannot be read
// for long is said, once.
Result<int> follow(
    Context& context,
    const wiring::Wired& wired,
    const ledger::Filter& filter,
    ledger::Sequence shown,
    Output& output,
    Writer& writer
) {
  constexpr auto kPause = std::chrono::milliseconds(250);
  constexpr int kPatience = 20;
  int in_vain = 0;
  bool wanted = true;
  // What stands there has left before anybody waits: whoever reads it through a pipe has it.
  while (wanted && output.flush() && !wired.service->pause(kPause)) {
    const auto looked = show_new(*wired.service, filter, shown, writer);
    in_vain = looked ? 0 : in_vain + 1;
    if (in_vain == kPatience) context.terminal().say(looked.error());
    wanted = !looked || *looked;
  }
  return kDone;
}

}  // namespace

Result<int> run_timeline(Context& context) {
  const CommandLine& line = context.line();
  if (auto right = check_options(context); !right) return pass_on(right);
  auto limit = line.number("limit");
  if (!limit) return pass_on(limit);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto filter = parse_filter(line, *wired->service);
  if (!filter) return pass_on(filter);
  if (line.has("group")) return show_groups(context, *wired, *filter);
  auto output = context.open_output(*wired);
  if (!output) return pass_on(output);
  Writer writer(*output, context.format());
  const bool reverse = line.has("reverse");
  if (reverse) filter->direction = ledger::Direction::backward;
  ledger::Sequence shown;
  if (line.has("follow")) {
    auto newest = newest_of(*wired->service);
    if (!newest) return pass_on(newest);
    shown = *newest;
    filter->to = shown;
  }
  const auto& most = *limit;
  auto written = most ? write_newest(*wired->service, *filter, *most, reverse, writer)
                      : wired->service->timeline(*filter, std::ref(writer));
  if (!written) return pass_on(written);
  if (line.has("follow")) return follow(context, *wired, *filter, shown, *output, writer);
  writer.end();
  auto code = context.close_output(*output, kDone);
  const auto actor = line.value("actor");
  if (code && actor && writer.empty()) say_actors(context, *wired->service, *actor);
  context.say_spooled(*wired->service);
  return code;
}

}  // namespace hal9::tools
