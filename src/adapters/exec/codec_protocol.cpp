#include "adapters/exec/codec_protocol.h"

#include "adapters/exec/strict_json.h"
#include "base/escape.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hal9::exec {

namespace {

using migration::Route;
using migration::RouteAmount;
using nlohmann::json;

constexpr std::size_t kShownName = 130;
constexpr std::size_t kLongestText = 1024;
constexpr std::size_t kMostSentences = 20;

// What is wrong with an answer; caught in this file, at decode().
struct Wrong {
  Code code;
  std::string why;
};

[[noreturn]] void wrong(std::string why) {
  throw Wrong{Code::damaged, std::move(why)};
}

const json* find(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const json& require(const json& object, const char* name) {
  const json* value = find(object, name);
  if (value == nullptr) wrong(fmt::format("{} is missing", name));
  return *value;
}

void close(const json& object, const std::vector<std::string_view>& known) {
  if (!object.is_object()) wrong("an object was expected");
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      wrong(fmt::format("nothing is known of {}", shorten(name, kShownName)));
    }
  }
}

std::string text_of(const json& value, const char* name) {
  if (!value.is_string()) wrong(fmt::format("{} is no text", name));
  return value.get<std::string>();
}

std::uint64_t count_of(const json& value, const char* name) {
  if (!value.is_number_unsigned()) wrong(fmt::format("{} is no count", name));
  return value.get<std::uint64_t>();
}

bool flag_of(const json& value, const char* name) {
  if (!value.is_boolean()) wrong(fmt::format("{} is not true or false", name));
  return value.get<bool>();
}

Share percentage_of(const json& value, const std::string& of) {
  const auto share = share_in(value);
  if (!share) wrong(fmt::format("{}: {}", of, share.error().why));
  return *share;
}

const json& list_of(const json& value, const char* name) {
  if (!value.is_array()) wrong(fmt::format("{} is no list", name));
  return value;
}

json document_of(std::string_view bytes) {
  auto document = read_strict_json(bytes);
  if (!document) wrong(document.error().why);
  if (!document->is_object()) wrong("it is no object");
  const auto version = count_of(require(*document, "version"), "version");
  if (version != kProtocolVersion) {
    throw Wrong{
        Code::newer,
        fmt::format(
            "it is of version {} of the protocol, and {} is known", version, kProtocolVersion
        )
    };
  }
  return std::move(*document);
}

template <class F>
auto decode(const F& read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const Wrong& found) {
    return fail(found.code, "it cannot be read", found.why, "nothing was taken from it");
  }
}

struct Told {
  RouteAmount amount;
  std::uint64_t hierarchical_requests = 0;
  std::uint64_t flat_requests = 0;
  bool counts = false;
};

Told told_of(const json& entry, bool is_request) {
  Told told;
  if (is_request) {
    close(entry, {"route", "region", "component", "share", "mirror"});
  } else {
    close(entry, {"route", "share", "mirror", "hierarchical_requests", "flat_requests"});
  }
  const std::string name = text_of(require(entry, "route"), "route");
  if (!migration::parse_route(name, told.amount.route)) {
    wrong(fmt::format("{} is no route", shorten(name, kShownName)));
  }
  if (const json* share = find(entry, "share")) told.amount.share = percentage_of(*share, name);
  if (const json* mirror = find(entry, "mirror")) told.amount.mirror = percentage_of(*mirror, name);
  const json* hierarchical = find(entry, "hierarchical_requests");
  const json* flat = find(entry, "flat_requests");
  told.counts = hierarchical != nullptr && flat != nullptr;
  if (told.counts) {
    told.hierarchical_requests = count_of(*hierarchical, "hierarchical_requests");
    told.flat_requests = count_of(*flat, "flat_requests");
  } else if (hierarchical != nullptr || flat != nullptr) {
    wrong("hierarchical_requests and flat_requests belong together");
  }
  return told;
}

// In the order in which they were asked for.
std::vector<Told> told_routes(const json& value, const Request& asked) {
  std::vector<std::optional<Told>> in_order(asked.routes.size());
  for (const json& entry : list_of(value, "routes")) {
    Told told = told_of(entry, false);
    const auto at = std::ranges::find(asked.routes, told.amount.route, &RouteAmount::route);
    const std::string name = to_text(told.amount.route);
    if (at == asked.routes.end()) wrong(name + " was not asked for");
    auto& place = in_order[static_cast<std::size_t>(at - asked.routes.begin())];
    if (place) wrong(name + " is there twice");
    if (!told.amount.share) wrong(name + " has no share");
    place = std::move(told);
  }
  std::vector<Told> routes;
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    if (!in_order[i]) wrong(to_text(asked.routes[i].route) + " is missing");
    routes.push_back(std::move(*in_order[i]));
  }
  return routes;
}

std::vector<migration::FeatureAmount> told_features(const json& value, const Request& asked) {
  std::vector<migration::FeatureAmount> features;
  for (const json& entry : list_of(value, "features")) {
    close(entry, {"feature", "percentage"});
    const std::string name = text_of(require(entry, "feature"), "feature");
    const auto at = std::ranges::find_if(asked.features, [&](const FeatureAsked& one) {
      return one.feature.text() == name;
    });
    if (at == asked.features.end()) wrong(shorten(name, kShownName) + " was not asked for");
    const bool twice =
        std::ranges::any_of(features, [&](const auto& one) { return one.feature == at->feature; });
    if (twice) wrong(name + " is there twice");
    features.push_back({at->feature, percentage_of(require(entry, "percentage"), name)});
  }
  for (const FeatureAsked& one : asked.features) {
    const bool there = std::ranges::any_of(features, [&](const auto& told) {
      return told.feature == one.feature;
    });
    if (!there) wrong(one.feature.text() + " is missing");
  }
  return features;
}

std::uint32_t servers_of(const json& system, const char* name) {
  const json* value = find(system, name);
  if (value == nullptr) return 0;
  const auto count = count_of(*value, name);
  if (count > std::numeric_limits<std::uint32_t>::max()) wrong(fmt::format("{} is too many", name));
  return static_cast<std::uint32_t>(count);
}

engine::SystemReading system_of(const json& value, bool counts) {
  close(
      value, {"servers_up", "servers_down", "servers_maintenance", "sessions", "queued", "requests"}
  );
  require(value, "servers_up");
  const auto number = [&](const char* name) {
    const json* found = find(value, name);
    return found == nullptr ? 0 : count_of(*found, name);
  };
  if (counts) {
    for (const char* name : {"sessions", "queued", "requests"}) require(value, name);
  }
  return {
      servers_of(value, "servers_up"),
      servers_of(value, "servers_down"),
      servers_of(value, "servers_maintenance"),
      number("sessions"),
      number("queued"),
      number("requests")
  };
}

// All routes tell of it, or none.
bool all_or_none(const std::vector<Told>& routes, bool (*has)(const Told&), const char* what) {
  const auto count = std::ranges::count_if(routes, has);
  if (count != 0 && static_cast<std::size_t>(count) != routes.size()) {
    wrong(fmt::format("some routes tell of {} and some do not", what));
  }
  return count != 0;
}

void read_routes(const json& document, const Request& asked, Shown& shown) {
  const auto routes = told_routes(require(document, "routes"), asked);
  shown.shows.can.moves_traffic = true;
  shown.shows.can.mirrors = all_or_none(
      routes, [](const Told& told) { return told.amount.mirror.has_value(); }, "mirror"
  );
  shown.shows.can.counts_requests =
      all_or_none(routes, [](const Told& told) { return told.counts; }, "requests");
  for (const Told& told : routes) {
    engine::RouteReading reading;
    reading.route = told.amount.route;
    reading.share = told.amount.share.value_or(Share::none());
    reading.mirror = told.amount.mirror.value_or(Share::none());
    reading.hierarchical_requests = told.hierarchical_requests;
    reading.flat_requests = told.flat_requests;
    shown.reading.routes.push_back(std::move(reading));
  }
}

void read_systems(const json& document, Shown& shown) {
  const json* systems = find(document, "systems");
  shown.shows.tells_servers = shown.reading.servers_known = systems != nullptr;
  if (systems == nullptr) {
    if (shown.shows.can.counts_requests) wrong("routes count requests and systems are missing");
    return;
  }
  close(*systems, {"flat", "hierarchical", "mirror"});
  const bool counts = shown.shows.can.counts_requests;
  shown.reading.flat = system_of(require(*systems, "flat"), counts);
  shown.reading.hierarchical = system_of(require(*systems, "hierarchical"), counts);
  if (const json* mirror = find(*systems, "mirror")) {
    shown.reading.mirror = system_of(*mirror, counts);
  }
}

void read_rest(const json& document, const Request& asked, Shown& shown) {
  const json* features = find(document, "features");
  shown.shows.can.features = features != nullptr;
  if (features != nullptr) shown.reading.features = told_features(*features, asked);
  const json* halted = find(document, "halted");
  shown.shows.can.halts = halted != nullptr;
  if (halted != nullptr) shown.reading.halted = flag_of(*halted, "halted");
  if (const json* identity = find(document, "identity")) {
    shown.reading.identity = shorten(text_of(*identity, "identity"), kLongestText);
  }
  const json* disagree = find(document, "disagree");
  if (disagree == nullptr) return;
  for (const json& sentence : list_of(*disagree, "disagree")) {
    if (shown.reading.disagree.size() == kMostSentences) wrong("disagree has too many sentences");
    shown.reading.disagree.push_back(shorten(text_of(sentence, "disagree"), kLongestText));
  }
}

}  // namespace

Result<Request> decode_request(std::string_view bytes) {
  return decode([&] {
    const json document = document_of(bytes);
    close(document, {"version", "operation", "toward", "routes", "features", "settings"});
    Request request;
    request.operation = text_of(require(document, "operation"), "operation");
    if (const json* toward = find(document, "toward")) {
      const std::string word = text_of(*toward, "toward");
      if (word != "flat" && word != "hierarchical") wrong("toward is flat or hierarchical");
      request.toward = word == "flat" ? engine::Toward::flat : engine::Toward::hierarchical;
    }
    for (const json& entry : list_of(require(document, "routes"), "routes")) {
      request.routes.push_back(told_of(entry, true).amount);
    }
    for (const json& entry : list_of(require(document, "features"), "features")) {
      close(entry, {"feature", "percentage"});
      FeatureAsked asked;
      const std::string name = text_of(require(entry, "feature"), "feature");
      if (!Name::parse(name, asked.feature)) wrong("a feature has no name");
      if (const json* percentage = find(entry, "percentage")) {
        asked.percentage = percentage_of(*percentage, name);
      }
      request.features.push_back(std::move(asked));
    }
    if (const json* settings = find(document, "settings")) {
      request.settings = text_of(*settings, "settings");
    }
    return request;
  });
}

Result<Description> decode_description(std::string_view bytes) {
  return decode([&] {
    const json document = document_of(bytes);
    close(document, {"version", "capabilities"});
    const json& can = require(document, "capabilities");
    close(can, {"mirrors", "features", "halts", "counts_requests", "servers"});
    const auto flag = [&](const char* name) { return flag_of(require(can, name), name); };
    Description description;
    description.can = {
        .moves_traffic = true,
        .mirrors = flag("mirrors"),
        .features = flag("features"),
        .halts = flag("halts"),
        .counts_requests = flag("counts_requests")
    };
    description.tells_servers = flag("servers");
    return description;
  });
}

Result<Shown> decode_reading(std::string_view bytes, const Request& asked) {
  return decode([&] {
    const json document = document_of(bytes);
    close(document, {"version", "routes", "features", "halted", "systems", "identity", "disagree"});
    Shown shown;
    read_routes(document, asked, shown);
    read_systems(document, shown);
    read_rest(document, asked, shown);
    return shown;
  });
}

Result<std::vector<RouteAmount>> decode_cut(std::string_view bytes, const Request& asked) {
  return decode([&] {
    const json document = document_of(bytes);
    close(document, {"version", "before"});
    std::vector<RouteAmount> before;
    const json* told = find(document, "before");
    if (told == nullptr) return before;
    for (Told& one : told_routes(*told, asked)) {
      one.amount.mirror = one.amount.mirror.value_or(Share::none());
      before.push_back(std::move(one.amount));
    }
    return before;
  });
}

Result<std::uint64_t> decode_ended(std::string_view bytes) {
  return decode([&] {
    const json document = document_of(bytes);
    close(document, {"version", "ended"});
    return count_of(require(document, "ended"), "ended");
  });
}

Result<void> decode_done(std::string_view bytes) {
  const auto done = decode([&] {
    const json document = document_of(bytes);
    close(document, {"version"});
    return true;
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return {};
}

}  // namespace hal9::exec
