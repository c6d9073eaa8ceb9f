// The end of a verb that lists: its views as a table, or as an array of their JSON.
#pragma once

#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "context.h"
#include "engine/views_json.h"
#include "exit_code.h"
#include "formats.h"
#include "say.h"

#include <string>
#include <vector>

namespace hal9::tools {

template <class View>
Result<int> deliver_list(
    Context& context,
    const wiring::Wired& wired,
    const std::vector<View>& views,
    std::string (*text)(const std::vector<View>&, Look)
) {
  const auto json = [&] {
    Json list = Json::array();
    for (const View& view : views) list.push_back(engine::to_json(view));
    return list;
  };
  return context.deliver(
      wired,
      {[&](bool colour) { return text(views, {colour, context.wide(), false}); },
       json,
       engine::to_json(View{})},
      kDone
  );
}

}  // namespace hal9::tools
