#include "adapters/http/http_router.h"

#include "adapters/exec/exec_router.h"
#include "base/escape.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/http_text.h"
#include "migration/route.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::http {

namespace {

using migration::filled_in;
using migration::HttpSettings;

// curl as it is typed for each request; a token comes from its file and stands in no list of processes.
std::string curl_of(const HttpSettings& settings) {
  std::string line = fmt::format(
      "curl -sS --fail-with-body --globoff --noproxy '*' --max-time {}",
      std::chrono::ceil<std::chrono::seconds>(settings.timeout).count()
  );
  if (!settings.ca_file.empty()) line += " --cacert " + escape_shell(settings.ca_file);
  if (!settings.token_file.empty()) line += " -H @-";
  return line;
}

std::string with_token(const HttpSettings& settings, const std::string& line) {
  if (settings.token_file.empty()) return line;
  const std::string_view kind = settings.token_header == "Authorization" ? "Bearer " : "";
  return fmt::format(
      "printf '%s: {}%s\\n' {} \"$(cat {})\" | {}",
      kind,
      escape_shell(settings.token_header),
      escape_shell(settings.token_file),
      line
  );
}

}  // namespace

std::vector<std::string> break_glass_lines(const migration::Configuration& configuration) {
  const HttpSettings settings = configuration.http.value_or(HttpSettings{});
  const std::string curl = curl_of(settings);
  const auto routes = migration::routes_of(configuration);
  std::vector<std::string> lines{"# everything to flat, a line for each route"};
  for (const auto& route : routes) {
    const auto text = [&](const std::string& of) {
      return escape_shell(filled_in(of, route, Share::none()));
    };
    lines.push_back(with_token(
        settings,
        fmt::format(
            "{} -X {} -H {} -d {} {}",
            curl,
            settings.set_method,
            escape_shell("Content-Type: " + settings.content_type),
            text(settings.set_body),
            text(settings.set_url)
        )
    ));
  }
  lines.push_back(
      fmt::format("# look, at {}: nothing has to go to hierarchical", settings.read_pointer)
  );
  for (const auto& route : routes) {
    const std::string url = escape_shell(filled_in(settings.read_url, route, Share::none()));
    lines.push_back(with_token(settings, curl + " " + url) + "; echo");
  }
  return lines;
}

std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, const std::filesystem::path& program
) {
  const HttpSettings settings = configuration.http.value_or(HttpSettings{});
  exec::Program run;
  run.command = {program.string()};
  run.timeout = std::chrono::ceil<std::chrono::milliseconds>(settings.timeout);
  run.settings = migration::encode_http_settings(settings);
  run.description = fmt::format("http ({})", migration::origin_of(settings.set_url));
  run.break_glass = break_glass_lines(configuration);
  return exec::make_router(configuration, std::move(run));
}

}  // namespace hal9::http
