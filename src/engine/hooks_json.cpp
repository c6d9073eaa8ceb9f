#include "base/id.h"
#include "base/time.h"
#include "engine/hooks.h"
#include "engine/json_parts.h"
#include "engine/views_json.h"
#include "migration/hook.h"
#include "migration/phase.h"

namespace hal9::engine {

Json due_json(const migration::DueHook& due, bool entered_again) {
  return {
      {"hook", due.hook.text()},
      {"since", due.since.value},
      {"at", to_text(due.at)},
      {"on", to_text(due.on)},
      {"phase", to_text(due.phase)},
      {"rollback", due.rollback ? Json(to_text(*due.rollback)) : Json(nullptr)},
      {"attempts", due.attempts},
      {"last", due.last ? Json(to_text(*due.last)) : Json(nullptr)},
      {"entered_again", entered_again}
  };
}

Json to_json(const HookView& view) {
  Json json{
      {"hook", view.name.text()},
      {"configured", view.configured.has_value()},
      {"on", nullptr},
      {"phase", nullptr},
      {"command", Json::array()},
      {"timeout_seconds", nullptr},
      {"due", view.due ? due_json(*view.due, view.entered_again) : Json(nullptr)}
  };
  if (const auto& hook = view.configured) {
    json["on"] = to_text(hook->on);
    if (hook->phase) json["phase"] = to_text(*hook->phase);
    json["command"] = hook->command;
    json["timeout_seconds"] = seconds(hook->timeout);
  }
  return json;
}

Json to_json(const HookResult& view) {
  return {
      {"hook", view.hook.text()},
      {"since", view.since.value},
      {"end", to_text(view.attempt.end)},
      {"code", view.attempt.code ? Json(*view.attempt.code) : Json(nullptr)},
      {"error", nullable(view.attempt.error)},
      {"output", view.attempt.output},
      {"problem", nullable(view.problem)},
      {"next", nullable(view.next)}
  };
}

}  // namespace hal9::engine
