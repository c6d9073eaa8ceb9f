// `annotate`: why, or what became known later.
#include "base/escape.h"
#include "base/result.h"
#include "base/time.h"
#include "command_line.h"
#include "context.h"
#include "deliver_outcome.h"
#include "engine/kept_objects.h"
#include "migration/commands.h"
#include "mistyped.h"
#include "verbs.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

namespace hal9::tools {

namespace {

// What is longer than a note may be is read no further: it is refused by its length.
Result<std::string> text_of(const CommandLine& line) {
  if (line.operand() != "-") return line.operand();
  std::string text(engine::kMaxAnnotationBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stdin));
  if (std::ferror(stdin) != 0) {
    return fail(Code::failed, "stdin cannot be read", std::strerror(errno), "nothing was changed");
  }
  if (text.ends_with('\n')) text.pop_back();
  // What is too long is refused by its length, and may end within a character here.
  if (text.size() <= engine::kMaxAnnotationBytes && !is_utf8(text)) {
    return fail(
        Code::usage,
        "what stands on stdin is no text",
        "its bytes are not UTF-8, and a note is kept as it was given or not at all",
        "nothing was changed",
        "base64 FILE | hal9-migrate annotate -"
    );
  }
  if (!text.empty()) return text;
  return fail(
      Code::usage,
      "there is no text on stdin",
      "a note says something",
      "nothing was changed",
      line.with_operand("what was seen")
  );
}

}  // namespace

Result<int> run_annotate(Context& context) {
  const CommandLine& line = context.line();
  auto text = text_of(line);
  if (!text) return pass_on(text);
  migration::Annotate annotation;
  annotation.text = std::move(*text);
  annotation.source = line.value("source").value_or("");
  if (const auto at = line.value("at")) {
    auto time = parse_time_loosely(*at);
    if (!time) {
      // No time is made up for a record: what cannot be mended counts as now.
      const std::string mended = mended_time(*at);
      time.error().what = "--at: " + time.error().what;
      time.error().next = mended.empty() ? line.without({"at"}) : line.with("at", mended);
      return pass_on(time);
    }
    annotation.at = *time;
  }
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  if (const auto rollback = line.value("rollback")) {
    auto id = parse_rollback(*wired->service, *rollback, line.with("rollback", "latest"));
    if (!id) return pass_on(id);
    annotation.rollback = *id;
  }
  context.say_where(*wired->service);
  auto outcome = wired->service->annotate(context.asker(), annotation);
  if (!outcome) return context.refused(outcome.error());
  return deliver_outcome(context, *wired, *outcome, Way::other);
}

}  // namespace hal9::tools
