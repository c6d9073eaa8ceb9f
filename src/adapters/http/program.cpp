#include "adapters/http/program.h"

#include "adapters/exec/codec_protocol.h"
#include "adapters/exec/strict_json.h"
#include "adapters/http/exchange.h"
#include "adapters/http/token.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/configuration.h"
#include "migration/http_text.h"
#include "migration/route.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hal9::http {

namespace {

using engine::Toward;
using exec::Request;
using migration::filled_in;
using migration::HttpSettings;
using migration::Route;
using migration::RouteAmount;
using std::chrono::milliseconds;

constexpr std::size_t kShownValue = 200;
constexpr std::size_t kMostProblems = 5;
constexpr milliseconds kHealthTime{1000};

class Interface {
 public:
  Interface(HttpSettings settings, Manner manner)
      : settings_(std::move(settings)), exchange_(std::move(manner)) {}

  Result<exec::Shown> read(const std::vector<RouteAmount>& routes) {
    exec::Shown shown;
    for (const RouteAmount& amount : routes) {
      auto share = share_of(amount.route);
      if (!share) return pass_on(share);
      engine::RouteReading reading;
      reading.route = amount.route;
      reading.share = *share;
      shown.reading.routes.push_back(std::move(reading));
    }
    shown.shows.tells_servers = !settings_.flat_health.empty();
    shown.reading.flat = health_of(settings_.flat_health);
    shown.reading.hierarchical = health_of(settings_.hierarchical_health);
    return shown;
  }

  Result<void> set(const std::vector<RouteAmount>& routes, Toward toward) {
    std::vector<std::string> problems;
    Error first;
    for (const RouteAmount& amount : routes) {
      if (!amount.share) continue;
      auto done = set_one(amount.route, *amount.share);
      if (done) continue;
      if (toward == Toward::hierarchical) return done;
      if (problems.empty()) first = done.error();
      if (problems.size() < kMostProblems) {
        problems.push_back(done.error().what + ": " + done.error().why);
      }
    }
    if (problems.empty()) return {};
    return fail(first.code, fmt::format("{}", fmt::join(problems, "\n")));
  }

  // A route at 0 is set to 0 again, which raises nothing whatever somebody else does meanwhile. Where
  // every route is up nothing is written: that it can be read is all that is shown then.
  Result<void> prove(const std::vector<RouteAmount>& routes) {
    for (const RouteAmount& amount : routes) {
      auto share = share_of(amount.route);
      if (!share) return pass_on(share);
      if (*share == Share::none()) return set_one(amount.route, Share::none());
    }
    return {};
  }

 private:
  Result<void> set_one(const Route& route, Share share) {
    Ask ask;
    ask.method = settings_.set_method;
    ask.url = filled_in(settings_.set_url, route, share);
    ask.body = filled_in(settings_.set_body, route, share);
    ask.content_type = settings_.content_type;
    ask.with_token = true;
    auto answer = exchange_.ask(ask);
    if (!answer) return pass_on(answer);
    return {};
  }

  // One document may hold many routes: it is asked for once.
  Result<nlohmann::json> document_of(const std::string& url) {
    if (const auto known = documents_.find(url); known != documents_.end()) return known->second;
    Ask ask;
    ask.url = url;
    ask.with_token = true;
    auto answer = exchange_.ask(ask);
    if (!answer) return pass_on(answer);
    auto document = exec::read_strict_json(*answer);
    if (!document) return fail(Code::damaged, "the answer of GET " + url, document.error().why);
    return documents_.emplace(url, std::move(*document)).first->second;
  }

  Result<Share> share_of(const Route& route) {
    const std::string url = filled_in(settings_.read_url, route, Share::none());
    const std::string pointer = filled_in(settings_.read_pointer, route, Share::none());
    auto document = document_of(url);
    if (!document) return pass_on(document);
    const auto wrong = [&](const std::string& why) {
      return fail(
          Code::damaged, fmt::format("{} of GET {} for {}", pointer, url, to_text(route)), why
      );
    };
    const nlohmann::json* value = find(*document, pointer);
    if (value == nullptr) return wrong("nothing stands there");
    std::string text;
    if (value->is_string()) text = value->get<std::string>();
    if (value->is_number_unsigned()) text = std::to_string(value->get<std::uint64_t>());
    if (const auto share = migration::value_read_by(settings_.read_value, text)) return *share;
    return wrong(fmt::format(
        "\"{}\" stands there, and router.read.value is \"{}\"",
        escape_terminal(shorten(text, kShownValue)),
        settings_.read_value
    ));
  }

  static const nlohmann::json* find(const nlohmann::json& document, const std::string& pointer) {
    try {
      return &document.at(nlohmann::json::json_pointer(pointer));
    } catch (const nlohmann::json::exception&) {
      return nullptr;
    }
  }

  // Whatever does not answer with 2xx is not up.
  engine::SystemReading health_of(const std::vector<std::string>& urls) {
    engine::SystemReading system;
    for (const std::string& url : urls) {
      Ask ask;
      ask.url = url;
      ++(exchange_.ask(ask, kHealthTime) ? system.servers_up : system.servers_down);
    }
    return system;
  }

  HttpSettings settings_;
  Exchange exchange_;
  std::map<std::string, nlohmann::json> documents_;
};

Result<std::string> done(Result<void> result) {
  if (!result) return pass_on(result);
  return exec::encode_done();
}

exec::Description description_of(const HttpSettings& settings) {
  return {{.moves_traffic = true}, !settings.flat_health.empty()};
}

}  // namespace

Result<std::string> answer(std::string_view operation, std::string_view bytes) {
  auto request = exec::decode_request(bytes);
  if (!request) return pass_on(request);
  if (request->operation != operation) {
    return fail(Code::usage, "the request is for another operation", request->operation);
  }
  auto settings = migration::decode_http_settings(request->settings);
  if (!settings) return pass_on(settings);
  if (operation == exec::kDescribe) return exec::encode_description(description_of(*settings));
  Manner manner;
  manner.ca_file = settings->ca_file;
  // Whoever called ends this program behind its time; a tenth of it is for saying what was slow.
  manner.time = std::chrono::duration_cast<milliseconds>(settings->timeout) * 9 / 10;
  if (!settings->token_file.empty()) {
    auto token = token_of(settings->token_file, settings->token_header);
    if (!token) return pass_on(token);
    manner.token_header = settings->token_header;
    manner.token = std::move(*token);
  }
  Interface interface(std::move(*settings), std::move(manner));
  if (operation == exec::kRead) {
    auto shown = interface.read(request->routes);
    if (!shown) return pass_on(shown);
    return exec::encode_reading(*shown);
  }
  if (operation == exec::kSet) {
    return done(interface.set(request->routes, request->toward.value_or(Toward::hierarchical)));
  }
  if (operation == exec::kCut) return done(interface.set(request->routes, Toward::flat));
  if (operation == exec::kProve) return done(interface.prove(request->routes));
  return fail(Code::usage, fmt::format("there is nothing to do for {}", operation));
}

}  // namespace hal9::http
