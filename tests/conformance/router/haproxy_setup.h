// A real HAProxy with the printed configuration, and two real services behind it, in a folder of
// its own on free ports of 127.0.0.1; all of it ends with the object.
#pragma once

#include "adapters/haproxy/haproxy_config.h"
#include "base/name.h"
#include "conformance/router/http.h"
#include "conformance/router/process.h"
#include "migration/configuration.h"
#include "migration/route.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace hal9::testing {

inline Name name(std::string_view text) {
  return Name::parse(text).value();
}

inline migration::Route route(std::string_view region, std::string_view component) {
  return {name(region), name(component)};
}

// Three regions, five components, two features, as the first hal9.yaml has them.
inline migration::Configuration configuration_of(migration::RouterKind kind) {
  migration::Configuration configuration;
  configuration.name = name("test");
  configuration.router = kind;
  for (const auto* text : {"us-west-2", "eu-west-1", "ap-southeast-1"}) {
    configuration.regions.push_back(name(text));
  }
  for (const auto* text : {"substrate", "protocol", "cognitive", "orchestration", "intelligence"}) {
    configuration.components.push_back(name(text));
  }
  configuration.features = {name("hierarchical_learning"), name("meta_cognition")};
  return configuration;
}

inline std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void put(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Looks again until it holds, 10 s at most: other processes take the time that they take.
inline bool eventually(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 10);
  }
  return true;
}

// One of the two systems.
class Service {
 public:
  explicit Service(std::string name, int delay_ms = 0) : name_(std::move(name)) {
    start(0, delay_ms);
  }
  void start(std::uint16_t port, int delay_ms = 0) {
    child_ = Child(
        {"python3",
         std::string{HAL9_SOURCE_DIR} + "/tests/e2e/services/echo_service.py",
         "--name",
         name_,
         "--port",
         std::to_string(port),
         "--delay-ms",
         std::to_string(delay_ms)}
    );
    const auto line = child_.line();
    if (!line.starts_with("ready ")) throw std::runtime_error("the service does not start");
    port_ = static_cast<std::uint16_t>(std::stoi(line.substr(6)));
  }
  void stop() { child_.end(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] nlohmann::json counts() const { return Client(port_).get("/counts").json(); }
  [[nodiscard]] std::uint64_t requests() const { return counts()["requests"]; }
  [[nodiscard]] std::uint64_t mirrored() const { return counts()["mirrored"]; }

 private:
  std::string name_;
  std::uint16_t port_ = 0;
  Child child_;
};

class HaproxySetup {
 public:
  // `edit` may change the printed lines before HAProxy reads them.
  explicit HaproxySetup(
      int delay_ms = 0, const std::function<void(std::string&)>& edit = [](std::string&) {}
  )
      : flat("flat", delay_ms), hierarchical("hierarchical", delay_ms), port(free_port()) {
    configuration = configuration_of(migration::RouterKind::haproxy);
    auto& settings = configuration.haproxy;
    settings.balancers = {{name("lb1"), file("admin.sock")}};
    settings.files = folder.path().string();
    settings.user_key = "req.hdr(x-user)";
    settings.mirror_listen = "127.0.0.1:" + std::to_string(free_port());
    settings.flat_servers = {"127.0.0.1:" + std::to_string(flat.port())};
    settings.hierarchical_servers = {"127.0.0.1:" + std::to_string(hierarchical.port())};
    auto generated = haproxy::generate(configuration).value();
    const std::string bind = "bind 127.0.0.1:9700";
    const auto at = generated.lines.find(bind);
    generated.lines.replace(at, bind.size(), "bind 127.0.0.1:" + std::to_string(port));
    edit(generated.lines);
    put(file("haproxy.cfg"), generated.lines);
    for (const auto& made : generated.files) put(file(made.name), made.content);
    start();
  }

  void start() {
    process = Child({"/usr/sbin/haproxy", "-db", "-q", "-f", file("haproxy.cfg")});
    if (!eventually([&] { return Client(port).get("/x/y").status == 200; })) {
      throw std::runtime_error("HAProxy does not start");
    }
  }
  void restart() {
    process.end();
    start();
  }
  [[nodiscard]] std::string file(std::string_view called) const {
    return (folder.path() / called).string();
  }
  // How many of `users` users a route sends to the hierarchical system, one request each.
  [[nodiscard]] std::vector<bool> ask_users(std::string_view path, int users) const {
    Client client(port);
    std::vector<bool> at_hierarchical;
    for (int user = 0; user < users; ++user) {
      const auto reply = client.get(path, "X-User: user-" + std::to_string(user) + "\r\n");
      if (reply.status != 200) throw std::runtime_error("a user got no answer");
      at_hierarchical.push_back(reply.system() == "hierarchical");
    }
    return at_hierarchical;
  }

  Folder folder;
  Service flat;
  Service hierarchical;
  std::uint16_t port;
  migration::Configuration configuration;
  Child process;
};

}  // namespace hal9::testing
