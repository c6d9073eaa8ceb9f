// A real Caddy in front of two real services, its routes told by the request's X-Route, in a folder of its
// own on free ports of 127.0.0.1; all of it ends with the object.
//
// Caddy 2.6 has no weights. A request's random UUID is compared with a text instead: what sorts below
// goes to hierarchical, so that each request is decided by itself and 0 and 100% are exact.
#pragma once

#include "conformance/router/haproxy_setup.h"
#include "conformance/router/http.h"
#include "conformance/router/process.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace hal9::testing {

class CaddySetup {
 public:
  CaddySetup() {
    const std::string place = "http://127.0.0.1:" + std::to_string(admin) + "/id/{route}/match/0";
    migration::HttpSettings settings;
    settings.read_url = settings.set_url = place;
    settings.read_pointer = "/expression";
    settings.read_value = R"({http.request.uuid} < "{share_uuid}")";
    settings.set_method = "PATCH";
    settings.set_body = R"({"expression": "{http.request.uuid} < \"{share_uuid}\""})";
    settings.content_type = "application/json";
    settings.token_header = "Authorization";
    settings.flat_health = {"http://127.0.0.1:" + std::to_string(flat.port()) + "/health"};
    settings.hierarchical_health = {
        "http://127.0.0.1:" + std::to_string(hierarchical.port()) + "/health"
    };
    settings.timeout = std::chrono::seconds(20);  // a reload each, on a machine that may be busy
    configuration.http = std::move(settings);
    put(file("caddy.json"), caddys().dump());
    start();
  }

  void start() {
    process = Child({"/usr/bin/caddy", "run", "--config", file("caddy.json")});
    if (!eventually([&] { return Client(port).get("/x", "X-Route: none\r\n").status == 200; })) {
      throw std::runtime_error("Caddy does not start");
    }
  }
  [[nodiscard]] std::string file(const std::string& called) const {
    return (folder.path() / called).string();
  }
  // How many of `requests` for a route went to hierarchical.
  [[nodiscard]] int at_hierarchical(const migration::Route& route, int requests) const {
    Client client(port);
    int count = 0;
    for (int i = 0; i < requests; ++i) {
      const auto reply = client.get("/x", "X-Route: " + to_text(route) + "\r\n");
      if (reply.status != 200) throw std::runtime_error("a user got no answer");
      count += reply.system() == "hierarchical" ? 1 : 0;
    }
    return count;
  }

  Folder folder;
  Service flat{"flat"};
  Service hierarchical{"hierarchical"};
  std::uint16_t port = free_port();
  std::uint16_t admin = free_port();
  migration::Configuration configuration = configuration_of(migration::RouterKind::http);
  Child process;

 private:
  static nlohmann::json to(const Service& service) {
    const std::string dial = "127.0.0.1:" + std::to_string(service.port());
    return nlohmann::json::array({{{"handler", "reverse_proxy"}, {"upstreams", {{{"dial", dial}}}}}}
    );
  }
  [[nodiscard]] nlohmann::json caddys() const {
    nlohmann::json routes = nlohmann::json::array();
    for (const auto& route : migration::routes_of(configuration)) {
      const nlohmann::json new_system{
          {"@id", to_text(route)},
          {"match", {{{"expression", R"({http.request.uuid} < "00000000")"}}}},
          {"handle", to(hierarchical)},
          {"terminal", true}
      };
      const nlohmann::json both{{"handler", "subroute"}, {"routes", {new_system}}};
      routes.push_back(
          {{"match", {{{"header", {{"X-Route", {to_text(route)}}}}}}}, {"handle", {both}}}
      );
    }
    routes.push_back({{"handle", to(flat)}});
    const nlohmann::json server{
        {"listen", {"127.0.0.1:" + std::to_string(port)}},
        {"automatic_https", {{"disable", true}}},
        {"routes", std::move(routes)}
    };
    return {
        {"admin",
         {{"listen", "127.0.0.1:" + std::to_string(admin)}, {"config", {{"persist", false}}}}},
        {"logging", {{"logs", {{"default", {{"level", "ERROR"}}}}}}},
        {"storage", {{"module", "file_system"}, {"root", file("storage")}}},
        {"apps", {{"http", {{"servers", {{"users", server}}}}}}}
    };
  }
};

}  // namespace hal9::testing
