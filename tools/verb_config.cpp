// `config view|check` and `router haproxy-config`: the configuration, and what follows from it.
#include "adapters/haproxy/haproxy_config.h"
#include "adapters/haproxy/live_check.h"
#include "adapters/haproxy/map_files_here.h"
#include "adapters/haproxy/weight_router.h"
#include "adapters/http/config_check.h"
#include "adapters/system/program_trust.h"
#include "adapters/system/system.h"
#include "adapters/wiring/wiring.h"
#include "base/escape.h"
#include "base/result.h"
#include "context.h"
#include "exit_code.h"
#include "formats.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/hook.h"
#include "output.h"
#include "say.h"
#include "terminal.h"
#include "verbs.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

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

// Each further set in a folder that is named by its first balancer.
fs::path folder_of(const fs::path& folder, const haproxy::Generated& made, std::size_t set) {
  return set == 0 ? folder : folder / made.sets[set].balancers.front();
}

Result<void> write_set(
    Context& context, const fs::path& folder, const haproxy::GeneratedSet& made
) {
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
  if (made.elsewhere) {
    context.terminal().say(
        Mark::warning,
        fmt::format(
            "{} is for another machine ({}): the maps go into {} there, and say 0 and halted for "
            "good",
            folder.string(),
            fmt::join(made.balancers, ", "),
            made.folder
        )
    );
  }
  return {};
}

Result<int> write_folder(Context& context, const fs::path& folder, const haproxy::Generated& made) {
  for (std::size_t i = 0; i < made.sets.size(); ++i) {
    auto written = write_set(context, folder_of(folder, made, i), made.sets[i]);
    if (!written) return pass_on(written);
  }
  context.terminal().say("next: haproxy -c -f " + (folder / "hal9-haproxy.cfg").string());
  return kDone;
}

// Everything of a further set is a comment: the whole output is one configuration, the first set's.
std::string further_text(const haproxy::GeneratedSet& set) {
  std::string text = fmt::format(
      "\n# ======== of {}{} ========\n",
      fmt::join(set.balancers, ", "),
      set.elsewhere ? ", on another machine" : ""
  );
  text += as_comment({"hal9-haproxy.cfg", set.lines}, set.folder);
  for (const auto& file : set.files) text += as_comment(file, set.folder);
  return text;
}

Json set_json(const haproxy::GeneratedSet& set) {
  Json files = Json::object();
  for (const auto& file : set.files) files[file.name] = file.content;
  return {
      {"balancers", set.balancers},
      {"folder", set.folder},
      {"elsewhere", set.elsewhere},
      {"lines", set.lines},
      {"files", std::move(files)}
  };
}

// What the router's settings mean that works and has to be known.
void warn_of(const migration::HaproxySettings& settings, ConfigCheck& check) {
  std::vector<std::string> unseen;
  for (const auto& balancer : settings.balancers) {
    if (balancer.address) {
      check.warnings.push_back(fmt::format(
          "balancer {} is reached by TCP ({}), where nothing asks who it is: whoever reaches it "
          "can "
          "move traffic",
          balancer.name.text(),
          *balancer.address
      ));
    }
    if (!balancer.master) unseen.push_back(balancer.name.text());
  }
  if (!unseen.empty()) {
    check.warnings.push_back(fmt::format(
        "workers that a reload left behind are not seen at {}: no master is configured",
        fmt::join(unseen, ", ")
    ));
  }
}

// Programs that hal9.yaml names and that somebody else could replace.
void look_at_programs(
    const migration::Configuration& configuration, const fs::path& folder, ConfigCheck& check
) {
  const std::uint32_t owner = system::owner_of(configuration.ledger).value_or(0);
  const auto look_at = [&](const std::string& what, const std::vector<std::string>& command) {
    const auto other = system::replaceable_at(command, ::geteuid(), owner, folder);
    if (!other) return;
    check.refusals.push_back(
        fmt::format("{} could be another's program: {}; {}", what, other->how, other->next)
    );
  };
  if (configuration.exec) look_at("the router", configuration.exec->command);
  for (const auto& hook : configuration.hooks.value_or(std::vector<migration::Hook>())) {
    look_at("hook " + hook.name.text(), hook.command);
  }
}

void append(std::vector<std::string>& into, const std::vector<std::string>& more) {
  into.insert(into.end(), more.begin(), more.end());
}

// What is refused for good until hal9.yaml (or what it names) says something else.
void refuse(ConfigCheck& check, const std::vector<std::string>& why, const std::string& next = {}) {
  if (why.empty()) return;
  append(check.refusals, why);
  check.next = next.empty() ? "${EDITOR:-vi} " + escape_shell(check.file) : next;
}

void look_at_router(const migration::Configuration& configuration, ConfigCheck& check) {
  if (configuration.router == migration::RouterKind::haproxy_weights) {
    warn_of(configuration.haproxy, check);
    const auto weights = haproxy::check_weights(configuration);
    append(check.refusals, weights.refusals);
    append(check.warnings, weights.warnings);
    refuse(check, weights.misnamed);
  }
  if (configuration.http) {
    const auto http = http::check(configuration);
    refuse(check, http.refusals, http.next);
    append(check.warnings, http.warnings);
  }
  if (configuration.router != migration::RouterKind::haproxy) return;
  warn_of(configuration.haproxy, check);
  std::optional<haproxy::Recorded> recorded;
  if (check.not_compared.empty()) {
    recorded = haproxy::Recorded{check.accepted.recorded, check.accepted.halted};
  }
  auto files = haproxy::check_files(configuration.haproxy, recorded);
  append(check.refusals, files.refusals);
  append(check.warnings, files.warnings);
  const auto live = haproxy::check_live(configuration);
  refuse(check, live.refusals);
  append(check.warnings, live.warnings);
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
  look_at_router(configuration, check);
  look_at_programs(configuration, wired.config_file.parent_path(), check);
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
        {"right", check.refusals.empty()},
        {"accepted", check.accepted.accepted && check.accepted.differences.empty()},
        {"differences", check.accepted.differences},
        {"not_compared", check.not_compared.empty() ? Json(nullptr) : Json(check.not_compared)},
        {"copy", check.copy_file},
        {"copy_is_current", check.copy_is_current},
        {"break_glass", check.break_glass_file},
        {"break_glass_is", word_of(check.break_glass)},
        {"warnings", check.warnings},
        {"refusals", check.refusals}
    };
  };
  return context.deliver(
      *wired,
      {[&](bool colour) { return config_check_text(check, colour); }, json},
      check.refusals.empty() ? kDone : exit_code(Code::negative)
  );
}

Result<int> run_router_config(Context& context) {
  auto wired = context.open_strictly();
  if (!wired) return pass_on(wired);
  auto made = haproxy::generate(wired->service->configuration());
  if (!made) return pass_on(made);
  const std::string folder = context.line().value("output").value_or("-");
  if (folder != "-") return write_folder(context, folder, *made);
  const auto text = [&](bool) {
    std::string lines = made->lines;
    for (const auto& file : made->files) lines += as_comment(file, made->sets.front().folder);
    for (std::size_t i = 1; i < made->sets.size(); ++i) lines += further_text(made->sets[i]);
    return lines;
  };
  const auto json = [&] {
    Json files = Json::object();
    for (const auto& file : made->files) files[file.name] = file.content;
    Json sets = Json::array();
    for (const auto& set : made->sets) sets.push_back(set_json(set));
    return Json{{"lines", made->lines}, {"files", std::move(files)}, {"sets", std::move(sets)}};
  };
  return context.deliver(*wired, {text, json}, kDone);
}

}  // namespace hal9::tools
