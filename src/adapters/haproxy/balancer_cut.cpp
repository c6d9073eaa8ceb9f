// The emergency at one balancer: kill switch, maint, zeros, and the sessions that are left. Whatever
// works is kept, and whatever does not is a sentence.
#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

std::uint64_t sessions_at(const std::vector<StatRow>& rows, const ServerState& server) {
  for (const auto& row : rows) {
    if (row.proxy == server.backend && row.service == server.name) return row.current_sessions;
  }
  return 0;
}

// The servers' rows: the backend's own also counts those that only queue.
bool any_session(const std::vector<StatRow>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const StatRow& row) {
    return row.service != "BACKEND" && row.current_sessions > 0;
  });
}

}  // namespace

std::vector<std::string> Balancer::cut_questions() const {
  return {
      show_map(path(kKillMap)),
      show_map(path(kShareMap)),
      show_map(path(kMirrorMap)),
      show_servers(configuration_.haproxy.hierarchical_backend),
      show_servers(configuration_.haproxy.mirror_backend)
  };
}

BalancerCut Balancer::cut(Deadline by) const {
  BalancerCut cut;
  auto connection = connect(by, Connection::kConnectLimit);
  if (connection) {
    cut_in(*connection, by, cut);
  } else {
    cut.problems.push_back(sentence(named(connection.error()).value()));
  }
  cut_old(by, cut);
  return cut;
}

// After the worker that takes new connections, and whether or not that one answered. What an old one
// does not show is not observed: the balancer counts as one that did not answer.
void Balancer::cut_old(Deadline by, BalancerCut& cut) const {
  const auto old = old_.cut(by);
  if (!old) {
    cut.answered = false;
    cut.problems.push_back(sentence(named(old.error()).value()));
    return;
  }
  for (const auto& worker : old->workers) {
    cut.sessions_left = cut.sessions_left || any_session(worker.hierarchical_stat);
  }
}

// Two writes: the kill switch needs to know nothing, so it goes first together with the questions
// whose answers name the servers and the keys for the second one. Before it only a look at whether
// it was on: a server that is in maintenance while it is off was put there by a person.
void Balancer::cut_in(Connection& connection, Deadline by, BalancerCut& cut) const {
  auto commands = cut_questions();
  commands.insert(
      commands.begin(), {show_map(path(kKillMap)), set_key(path(kKillMap), kAllRoutes, kKillOn)}
  );
  auto answers = connection.ask(commands, by);
  if (!answers) {
    cut.problems.push_back(sentence(named(answers.error()).value()));
    return;
  }
  CutFacts facts = cut_facts(*answers, 2);
  if (const auto kill = parse_map(answers->front()); kill && facts.servers_are_read) {
    cut.found = true;
    cut.found_halted = is_halted(values_of(*kill, kKillMap));
    cut.found_down = in_maintenance(facts.servers);
  }
  if (facts.amounts_are_read) cut.before = amounts_of(configuration_, facts.share, facts.mirror);
  commands.clear();
  if (!facts.kill.find(kAllRoutes))
    commands.push_back(add_key(path(kKillMap), kAllRoutes, kKillOn));
  for (const auto& server : facts.servers) {
    if (!server.in_maintenance()) commands.push_back(set_server(server, "maint"));
  }
  append_zeroes(commands, path(kShareMap), facts.share);
  append_zeroes(commands, path(kMirrorMap), facts.mirror);
  const auto changes = commands.size();
  const auto questions = cut_questions();
  commands.insert(commands.end(), questions.begin(), questions.end());
  commands.push_back(show_stat(configuration_.haproxy.hierarchical_backend));
  answers = connection.ask(commands, by);
  if (!answers) {
    cut.problems.push_back(sentence(named(answers.error()).value()));
    return;
  }
  cut.replied = true;
  for (std::size_t i = 0; i < changes; ++i) {
    const auto quiet = expect_silence((*answers)[i], "HAProxy refuses a part of the cut");
    if (!quiet) cut.problems.push_back(sentence(named(quiet.error()).value()));
  }
  read_cut_back({answers->begin() + static_cast<std::ptrdiff_t>(changes), answers->end()}, cut);
}

void Balancer::read_cut_back(const std::vector<std::string>& answers, BalancerCut& cut) const {
  const auto facts = cut_facts(answers, 0);
  const bool kill_is_there = facts.kill_is_read && facts.kill.find(kAllRoutes).has_value();
  cut.answered = kill_is_there && facts.amounts_are_read;
  cut.halted = kill_is_there && is_halted(facts.kill);
  if (facts.kill_is_read && !kill_is_there) {
    const auto what = fmt::format("the kill map has no key {}", kAllRoutes);
    cut.problems.push_back(sentence(named(Error{Code::failed, what, {}, {}, {}}).value()));
  }
  cut.maintenance = facts.servers_are_read && all_in_maintenance(facts.servers);
  cut.down = in_maintenance(facts.servers);
  if (facts.amounts_are_read) cut.observed = amounts_of(configuration_, facts.share, facts.mirror);
  for (const auto& error : facts.errors) {
    cut.problems.push_back(sentence(named(error).value()));
  }
  say_what_stays(cut, facts);
  const auto stat = parse_stat(answers.back());
  cut.sessions_left = !stat || any_session(*stat);
  if (!stat) cut.problems.push_back(sentence(named(stat.error()).value()));
}

// It took every command without a word, and shows that it did not follow.
void Balancer::say_what_stays(BalancerCut& cut, const CutFacts& facts) const {
  if (!cut.answered) return;
  const auto up = [](const Values& values) {
    return std::ranges::any_of(values.shares, [](const auto& one) {
      return one.second > Share::none();
    });
  };
  std::string what;
  if (!cut.halted) what = "its kill switch is still off";
  if (up(facts.share) || up(facts.mirror)) {
    what += std::string{what.empty() ? "" : ", and "} + "it still shows shares above 0";
  }
  if (what.empty()) return;
  cut.stays = true;
  cut.problems.push_back(sentence(named(Error{Code::failed, std::move(what), {}, {}, {}}).value()));
}

engine::EndedSessions Balancer::end_sessions() const {
  const auto by = Deadline::in(kWriteLimit);
  engine::EndedSessions ended;
  auto connection = connect(by);
  const auto done =
      connection ? end_sessions_in(*connection, by, ended) : Result<void>(pass_on(connection));
  if (!done) ended.problems.push_back(not_ended(done.error()));
  const auto old = old_.end_sessions(by);
  ended.count += old.count;
  for (const auto& problem : old.problems) {
    ended.problems.push_back(not_ended(Error{Code::failed, problem, {}, {}, {}}));
  }
  return ended;
}

// Counted in the write that ends them. What one backend refuses keeps no session at the other one.
Result<void> Balancer::end_sessions_in(
    Connection& connection, Deadline by, engine::EndedSessions& ended
) const {
  const auto& settings = configuration_.haproxy;
  auto answers = connection.ask(
      {show_servers(settings.hierarchical_backend), show_servers(settings.mirror_backend)}, by
  );
  if (!answers) return pass_on(answers);
  std::vector<ServerState> servers;
  for (const auto& answer : *answers) {
    const auto known = parse_servers_state(answer);
    if (known) {
      servers.insert(servers.end(), known->begin(), known->end());
    } else {
      ended.problems.push_back(not_ended(known.error()));
    }
  }
  std::vector<std::string> commands{
      show_stat(settings.hierarchical_backend), show_stat(settings.mirror_backend)
  };
  const auto looks = commands.size();
  for (const auto& server : servers) {
    commands.push_back(fmt::format("shutdown sessions server {}/{}", server.backend, server.name));
  }
  answers = connection.ask(commands, by);
  if (!answers) return pass_on(answers);
  std::vector<StatRow> rows;
  for (std::size_t i = 0; i < looks; ++i) {
    const auto stat = parse_stat((*answers)[i]);
    // They are ended all the same, only nobody knows how many.
    if (stat) rows.insert(rows.end(), stat->begin(), stat->end());
  }
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const auto quiet = expect_silence((*answers)[looks + i], "HAProxy refuses to end sessions");
    if (quiet) {
      ended.count += sessions_at(rows, servers[i]);
    } else {
      ended.problems.push_back(not_ended(quiet.error()));
    }
  }
  return {};
}

std::string Balancer::not_ended(const Error& error) const {
  return "sessions could not be ended: " + sentence(named(error).value());
}

}  // namespace hal9::haproxy
