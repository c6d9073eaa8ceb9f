// A real HAProxy that splits by server weights, as somebody has it who never wrote a map: a backend for
// each pool, two real services behind it. In a folder of its own; all of it ends with the object.
#pragma once

#include "adapters/haproxy/weight_router.h"
#include "conformance/router/haproxy_setup.h"
#include "conformance/router/http.h"
#include "conformance/router/process.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::testing {

struct WeightOptions {
  bool one_pool = false;        // all routes in one, with two servers a system; else a pool a route
  int hierarchical_weight = 0;  // in HAProxy's configuration
  bool state_file = false;      // written here and read by HAProxy
  std::string server_options;   // of each server
  std::string level = "admin";  // of the stats socket
};

class WeightSetup {
 public:
  explicit WeightSetup(WeightOptions options = {})
      : flat("flat"),
        hierarchical("hierarchical"),
        port(free_port()),
        options_(std::move(options)) {
    configuration = configuration_of(migration::RouterKind::haproxy_weights);
    configuration.haproxy.balancers = {{name("lb1"), file("admin.sock")}};
    configuration.haproxy.balancers.front().master = file("master.sock");
    configuration.weights.emplace();
    if (options_.state_file) configuration.weights->state_file = file("servers.state");
    const auto routes = migration::routes_of(configuration);
    if (options_.one_pool) {
      configuration.weights->pools = {{"web", routes, {"f1", "f2"}, {"h1", "h2"}}};
    } else {
      for (const auto& one : routes) {
        configuration.weights->pools.push_back({to_text(one), {one}, {"f1"}, {"h1"}});
        configuration.weights->pools.back().backend = backend_of(one);
      }
    }
    put(file("haproxy.cfg"), text());
    put(file("servers.state"), "");
    start();
  }

  static std::string backend_of(const migration::Route& route) {
    return route.region.text() + "." + route.component.text();
  }
  void start() {
    process = Child(
        {"/usr/sbin/haproxy", "-W", "-q", "-S", file("master.sock"), "-f", file("haproxy.cfg")}
    );
    if (!eventually([&] { return Client(port).get("/us-west-2/substrate/x").status == 200; })) {
      throw std::runtime_error("HAProxy does not start");
    }
    // The worker answers before the master does.
    if (!eventually([&] { return haproxy::make_weight_router(configuration)->read().has_value(); }
        )) {
      throw std::runtime_error("HAProxy's master does not answer");
    }
  }
  // Which systems answer the next requests, one connection.
  [[nodiscard]] std::vector<bool> ask(int times) const {
    Client client(port);
    std::vector<bool> at_hierarchical;
    for (int time = 0; time < times; ++time) {
      const auto reply = client.get("/us-west-2/substrate/x");
      if (reply.status != 200) throw std::runtime_error("a user got no answer");
      at_hierarchical.push_back(reply.system() == "hierarchical");
    }
    return at_hierarchical;
  }
  [[nodiscard]] std::string file(std::string_view called) const {
    return (folder.path() / called).string();
  }
  void tell(const std::string& command) const {
    Child({"/bin/sh", "-c", "echo '" + command + "' | socat -t5 - " + file("admin.sock")}).wait();
  }

  Folder folder;
  Service flat;
  Service hierarchical;
  std::uint16_t port;
  migration::Configuration configuration;
  Child process;

 private:
  [[nodiscard]] std::string text() const {
    std::string lines =
        "global\n    nbthread 2\n    stats socket " + file("admin.sock") + " mode 600 level " +
        options_.level + "\n    server-state-file " + file("servers.state") +
        "\ndefaults\n    mode http\n    timeout connect 2s\n    timeout client 30s\n"
        "    timeout server 30s\n    load-server-state-from-file global\n"
        "frontend front\n    bind 127.0.0.1:" +
        std::to_string(port) + "\n";
    lines += options_.one_pool ? "    default_backend web\n"
                               : "    use_backend %[path,field(2,/)].%[path,field(3,/)]\n";
    for (const auto& pool : configuration.weights->pools) {
      lines += "backend " + pool.backend + "\n    balance roundrobin\n";
      for (const auto& server : pool.flat) lines += line_of(server, flat.port(), 100);
      for (const auto& server : pool.hierarchical) {
        lines += line_of(server, hierarchical.port(), options_.hierarchical_weight);
      }
    }
    return lines;
  }
  [[nodiscard]] std::string line_of(const std::string& server, std::uint16_t to, int weight) const {
    return "    server " + server + " 127.0.0.1:" + std::to_string(to) + " weight " +
           std::to_string(weight) + " check inter 200 " + options_.server_options + "\n";
  }

  WeightOptions options_;
};

}  // namespace hal9::testing
