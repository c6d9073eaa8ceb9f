// A HAProxy of two pools on a socket of its own, whose servers do what a test says between two commands.
#pragma once

#include "adapters/haproxy/fake_socket.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace hal9::testing {

struct FakeServer {
  std::string backend;
  std::string name;
  int weight = 0;
  int effective = -1;  // as `weight`
  int operation = 2;
  int administration = 0;
  int initial = 0;
  int sessions = 0;
  bool backup = false;
};

class FakeWeights {
 public:
  explicit FakeWeights(const std::string& path)
      : socket_(path, [this](const auto& command) { return answer(command); }) {}

  FakeServer& server(const std::string& of) {
    return *std::ranges::find_if(servers, [&](const auto& one) {
      return one.backend + "/" + one.name == of;
    });
  }
  // What was written, without the questions.
  [[nodiscard]] std::vector<std::string> written() const {
    auto all = socket_.heard();
    std::erase_if(all, [](const std::string& command) { return command.starts_with("show "); });
    return all;
  }

  std::string answer(const std::string& command) {
    before(command);
    std::istringstream in(command);
    std::string verb, what, third, fourth, fifth;
    in >> verb >> what >> third >> fourth >> fifth;
    if (verb != "show") return refused.empty() ? change(verb, what, third, fourth, fifth) : refused;
    if (what == "info") return "Pid: 7\nStart_time_sec: 5\n";
    return what == "stat" ? stat(third) : state(fourth);
  }

  // Flat full, hierarchical at nothing, as HAProxy begins.
  std::vector<FakeServer> servers{
      {.backend = "web", .name = "f1", .weight = 256},
      {.backend = "web", .name = "h1"},
      {.backend = "api", .name = "f1", .weight = 256},
      {.backend = "api", .name = "h1"}
  };
  int queued = 0;
  std::string refused;  // what it says to every write
  // Told of each command before it happens.
  std::function<void(const std::string&)> before = [](const auto&) {};

 private:
  std::string change(
      const std::string& verb,
      const std::string& what,
      const std::string& of,
      const std::string& value,
      const std::string& state
  ) {
    const auto& name = verb == "shutdown" ? value : of;
    const auto found = std::ranges::find_if(servers, [&](const auto& one) {
      return one.backend + "/" + one.name == name;
    });
    if (found == servers.end()) return "No such server.\n";
    if (what == "weight") found->weight = std::stoi(value);
    if (verb == "set" && what == "server") {
      found->administration = state == "maint" ? 1 : 0;
      found->operation = state == "maint" ? 0 : 2;
    }
    return {};
  }
  [[nodiscard]] std::string state(const std::string& backend) const {
    std::ostringstream text;
    text << "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight "
            "srv_iweight\n";
    for (const auto& one : servers) {
      if (!backend.empty() && one.backend != backend) continue;
      text << "3 " << one.backend << " 1 " << one.name << " 127.0.0.1 " << one.operation << " "
           << one.administration << " " << one.weight << " " << one.initial << "\n";
    }
    return text.str();
  }
  [[nodiscard]] std::string stat(const std::string& backend) const {
    std::ostringstream text;
    text << "# pxname,svname,qcur,scur,stot,lbtot,weight,bck\n";
    for (const auto& one : servers) {
      if (one.backend != backend) continue;
      text << backend << "," << one.name << ",0," << one.sessions << ",9,9,"
           << (one.effective < 0 ? one.weight : std::min(one.effective, one.weight)) << ","
           << (one.backup ? 1 : 0) << "\n";
    }
    text << backend << ",BACKEND," << queued << ",0,9,9,0,1\n";
    return text.str();
  }

  FakeSocket socket_;  // last: it answers from the rest
};

}  // namespace hal9::testing
