// `config view|check` and `router haproxy-config`: the configuration, and what follows from it.
#include "adapters/haproxy/haproxy_config.h"
#include "adapters/system/system.h"
#include "adapters/wiring/wiring.h"
#include "base/result.h"
#include "context.h"
#include "exit_code.h"
#include "formats.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "output.h"
#include "say.h"
#include "terminal.h"
#include "verbs.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBreakGlass = 1U << 20;

// A comment is what HAProxy skips: the whole output is still a configuration that it accepts.
std::string as_comment(const haproxy::GeneratedFile& file, const std::string& folder) {
  std::string text = fmt::format("\n# ---- file {}/{}\n", folder, file.name);
  std::size_t begin = 0;
  while (begin < file.content.size()) {
    const std::size_t end = std::min(file.content.find('\n', begin), file.content.size());
    text += "# " + file.content.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text;
}

// What this check finds is mended in an editor: its own line again would find it again.
tl::unexpected<Error> to_edit(Error error) {
  static constexpr std::string_view kAgain = "hal9-migrate config check --config ";
  if (error.next.starts_with(kAgain)) {
    error.next = "${EDITOR:-vi} " + error.next.substr(kAgain.size());
  }
  return tl::unexpected<Error>(std::move(error));
}

Result<int> write_folder(Context& context, const fs::path& folder, const haproxy::Generated& made) {
  if (auto there = make_folders(folder); !there) return pass_on(there);
  std::vector<haproxy::GeneratedFile> files = made.files;
  files.push_back({"hal9-haproxy.cfg", made.lines});
  for (const auto& file : files) {
    const fs::path path = folder / file.name;
    if (auto written = system::write_atomically(path, file.content); !written) {
      return pass_on(written);
    }
    context.terminal().say(Mark::done, "wrote " + path.string());
  }
  context.terminal().say("next: haproxy -c -f " + (folder / "hal9-haproxy.cfg").string());
  return kDone;
}

ConfigCheck look(const wiring::Wired& wired) {
  const auto& configuration = wired.service->configuration();
  ConfigCheck check;
  check.file = wired.config_file.string();
  check.router = to_text(configuration.router);
  check.routes = migration::routes_of(configuration).size();
  check.features = configuration.features.size();
  auto accepted = wired.service->accepted();
  if (accepted) {
    check.accepted = std::move(*accepted);
  } else {
    check.not_compared = accepted.error().what;
  }
  const fs::path glass = wiring::break_glass_path(wired.config_file);
  check.break_glass_file = glass.string();
  check.copy_file = wiring::copy_of_accepted(wired).string();
  check.copy_is_current = !check.accepted.accepted || !check.accepted.differences.empty() ||
                          wiring::copy_is_current(wired);
  const auto there = system::read_trusted(glass, kMostBreakGlass);
  if (!there && there.error().code == Code::missing) {
    check.break_glass = BreakGlass::missing;
  } else if (!there || !has_lines(*there, wired.service->break_glass())) {
    check.break_glass = BreakGlass::stale;
  }
  return check;
}

}  // namespace

Result<int> run_config_view(Context& context) {
  auto wired = context.open_strictly();
  if (!wired) return pass_on(wired);
  const auto json = [&] {
    return Json::parse(migration::encode_configuration(wired->service->configuration()));
  };
  const auto text = [&](bool) {
    return fmt::format("# {}\n{}", wired->config_file.string(), render(json(), Format::yaml));
  };
  return context.deliver(*wired, {text, json}, kDone);
}

Result<int> run_config_check(Context& context) {
  auto wired = context.open_strictly();
  if (!wired) return to_edit(wired.error());
  const ConfigCheck check = look(*wired);
  const auto json = [&] {
    return Json{
        {"file", check.file},
        {"router", check.router},
        {"routes", check.routes},
        {"features", check.features},
        {"right", true},
        {"accepted", check.accepted.accepted && check.accepted.differences.empty()},
        {"differences", check.accepted.differences},
        {"not_compared", check.not_compared.empty() ? Json(nullptr) : Json(check.not_compared)},
        {"copy", check.copy_file},
        {"copy_is_current", check.copy_is_current},
        {"break_glass", check.break_glass_file},
        {"break_glass_is", word_of(check.break_glass)}
    };
  };
  return context.deliver(
      *wired, {[&](bool colour) { return config_check_text(check, colour); }, json}, kDone
  );
}

Result<int> run_router_config(Context& context) {
  auto wired = context.open_strictly();
  if (!wired) return pass_on(wired);
  const auto& configuration = wired->service->configuration();
  auto made = haproxy::generate(configuration);
  if (!made) return pass_on(made);
  const std::string folder = context.line().value("output").value_or("-");
  if (folder != "-") return write_folder(context, folder, *made);
  const auto text = [&](bool) {
    std::string lines = made->lines;
    for (const auto& file : made->files) lines += as_comment(file, configuration.haproxy.files);
    return lines;
  };
  const auto json = [&] {
    Json files = Json::object();
    for (const auto& file : made->files) files[file.name] = file.content;
    return Json{{"lines", made->lines}, {"files", std::move(files)}};
  };
  return context.deliver(*wired, {text, json}, kDone);
}

}  // namespace hal9::tools
