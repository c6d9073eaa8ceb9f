// `rollback list` and `rollback show`.
#include "base/result.h"
#include "context.h"
#include "deliver_list.h"
#include "engine/grouped.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "say.h"
#include "timeline_groups.h"
#include "verbs.h"

#include <cstddef>

namespace hal9::tools {

namespace {

constexpr std::size_t kListed = 20;

}  // namespace

Result<int> run_rollback_list(Context& context) {
  auto limit = context.line().number("limit");
  if (!limit) return pass_on(limit);
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto views = wired->service->rollbacks(limit->value_or(kListed));
  if (!views) return pass_on(views);
  auto code = deliver_list(context, *wired, *views, rollbacks_text);
  context.say_spooled(*wired->service);
  return code;
}

Result<int> run_rollback_show(Context& context) {
  auto wired = context.open();
  if (!wired) return pass_on(wired);
  auto id = parse_rollback(*wired->service, context.line().operand(), "hal9-migrate rollback list");
  if (!id) return pass_on(id);
  auto view = wired->service->rollback(*id);
  if (!view) return pass_on(view);
  auto ran = wired->service->ran(*id);
  if (!ran) return pass_on(ran);
  GroupEvents events;
  if (auto read = engine::read_group(*wired->service, *id, events); !read) return pass_on(read);
  return context.deliver(
      *wired,
      {[&](bool colour) {
         return rollback_text(
             *view, *ran, events.text(context.wide()), {colour, context.wide(), true}
         );
       },
       [&] {
         Json json = engine::to_json(*view);
         json["ran"] = engine::to_json(*ran);
         json["events"] = events.json();
         return json;
       }},
      kDone
  );
}

}  // namespace hal9::tools
