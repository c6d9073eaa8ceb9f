// The writing half of codec_protocol.h.
#include "adapters/exec/codec_protocol.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace hal9::exec {

namespace {

using migration::RouteAmount;
using nlohmann::ordered_json;

// A number that JSON has exactly, as it is typed everywhere.
ordered_json number_of(Share share) {
  return ordered_json::parse(to_text(share));
}

ordered_json entry_of(const RouteAmount& amount) {
  ordered_json entry{{"route", to_text(amount.route)}};
  if (amount.share) entry["share"] = number_of(*amount.share);
  if (amount.mirror) entry["mirror"] = number_of(*amount.mirror);
  return entry;
}

ordered_json system_entry(const engine::SystemReading& system) {
  return {
      {"servers_up", system.servers_up},
      {"servers_down", system.servers_down},
      {"servers_maintenance", system.servers_maintenance},
      {"sessions", system.sessions},
      {"queued", system.queued},
      {"requests", system.requests}
  };
}

std::string written(const ordered_json& document) {
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string encode_request(const Request& request) {
  ordered_json document{{"version", kProtocolVersion}, {"operation", request.operation}};
  if (request.toward) {
    document["toward"] = *request.toward == engine::Toward::flat ? "flat" : "hierarchical";
  }
  document["routes"] = ordered_json::array();
  for (const RouteAmount& amount : request.routes) {
    ordered_json entry = entry_of(amount);
    entry["region"] = amount.route.region.text();
    entry["component"] = amount.route.component.text();
    document["routes"].push_back(std::move(entry));
  }
  document["features"] = ordered_json::array();
  for (const FeatureAsked& one : request.features) {
    ordered_json entry{{"feature", one.feature.text()}};
    if (one.percentage) entry["percentage"] = number_of(*one.percentage);
    document["features"].push_back(std::move(entry));
  }
  if (!request.settings.empty()) document["settings"] = request.settings;
  return written(document);
}

std::string encode_description(const Description& description) {
  const auto& can = description.can;
  return written(
      {{"version", kProtocolVersion},
       {"capabilities",
        {{"mirrors", can.mirrors},
         {"features", can.features},
         {"halts", can.halts},
         {"counts_requests", can.counts_requests},
         {"servers", description.tells_servers}}}}
  );
}

std::string encode_reading(const Shown& shown) {
  ordered_json document{{"version", kProtocolVersion}, {"routes", ordered_json::array()}};
  for (const auto& route : shown.reading.routes) {
    RouteAmount amount{route.route, route.share, {}};
    if (shown.shows.can.mirrors) amount.mirror = route.mirror;
    document["routes"].push_back(entry_of(amount));
  }
  if (shown.shows.tells_servers) {
    document["systems"] = {
        {"flat", system_entry(shown.reading.flat)},
        {"hierarchical", system_entry(shown.reading.hierarchical)}
    };
  }
  if (!shown.reading.identity.empty()) document["identity"] = shown.reading.identity;
  return written(document);
}

std::string encode_done() {
  return written({{"version", kProtocolVersion}});
}

}  // namespace hal9::exec
