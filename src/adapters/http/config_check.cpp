#include "adapters/http/config_check.h"

#include "adapters/http/token.h"
#include "base/result.h"
#include "base/share.h"
#include "migration/configuration.h"
#include "migration/http_text.h"
#include "migration/route.h"

#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace hal9::http {

namespace {

using migration::filled_in;
using migration::HttpSettings;
using migration::Route;

// What is sent for a route, and what is read of it.
std::string sent(const HttpSettings& settings, const Route& route, Share share) {
  return filled_in(settings.set_url, route, share) + "\n" +
         filled_in(settings.set_body, route, share);
}
std::string read_at(const HttpSettings& settings, const Route& route) {
  return filled_in(settings.read_url, route, Share::none()) + "\n" +
         filled_in(settings.read_pointer, route, Share::none());
}

// Two routes of one request are one to the router.
void look_at_routes(const migration::Configuration& configuration, ConfigCheck& check) {
  const HttpSettings settings = configuration.http.value_or(HttpSettings{});
  std::map<std::string, Route> seen;
  for (const auto& route : migration::routes_of(configuration)) {
    const auto [first, is_new] = seen.emplace(sent(settings, route, Share::none()), route);
    if (is_new) continue;
    const auto both = fmt::format(
        "router.set sends the same for {} and {}: neither its url nor its body tells them apart",
        to_text(first->second),
        to_text(route)
    );
    // The places that are read are not the one that is set.
    if (read_at(settings, first->second) != read_at(settings, route)) {
      check.refusals.push_back(both + ", and router.read does");
    } else {
      check.warnings.push_back(both + " ({route}): whatever moves one of them moves both");
    }
    return;
  }
}

void look_at_token(const HttpSettings& settings, ConfigCheck& check) {
  if (settings.token_file.empty()) return;
  const auto token = token_of(settings.token_file, settings.token_header);
  if (token) return;
  const Error& error = token.error();
  check.refusals.push_back(fmt::format(
      "router.token: {}{}{}; no request is made without it",
      error.what,
      error.why.empty() ? "" : ": ",
      error.why
  ));
  check.next = error.next.empty() ? "ls -l " + settings.token_file : error.next;
}

}  // namespace

ConfigCheck check(const migration::Configuration& configuration) {
  ConfigCheck check;
  const HttpSettings settings = configuration.http.value_or(HttpSettings{});
  look_at_token(settings, check);
  const auto route = migration::routes_of(configuration).front();
  if (sent(settings, route, Share::none()) == sent(settings, route, Share::all())) {
    check.refusals.emplace_back(
        "router.set sends the same whatever the share is: neither its url nor its body holds "
        "{share} "
        "or another placeholder of it"
    );
  }
  look_at_routes(configuration, check);
  return check;
}

}  // namespace hal9::http
