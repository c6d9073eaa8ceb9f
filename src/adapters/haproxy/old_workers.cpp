#include "adapters/haproxy/old_workers.h"

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/place.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

// What it does not know sends nobody anywhere.
Result<std::vector<MapEntry>> map_in(const std::string& answer) {
  if (is_unknown(answer)) return std::vector<MapEntry>{};
  return parse_map(answer);
}

Result<std::vector<StatRow>> stat_in(const std::string& answer) {
  if (is_unknown(answer)) return std::vector<StatRow>{};
  return parse_stat(answer);
}

Error still_above(std::uint64_t pid, std::string_view what) {
  return Error{
      Code::failed,
      fmt::format("old worker {} still has {} after it was lowered", pid, what),
      {},
      {},
      "hal9-migrate traffic --verify"
  };
}

void raise_to(Amounts& into, const Values& values, const Amounts& asked) {
  for (const auto& [key, share] : asked) {
    auto found = values.find(key).value_or(Share::none());
    const auto [at, is_new] = into.emplace(key, found);
    if (!is_new) at->second = std::max(at->second, found);
  }
}

// Lower where there is something to lower; what is below stays.
void append_lowering(
    std::vector<std::string>& commands,
    const std::string& file,
    const Values& now,
    const Amounts& asked
) {
  for (const auto& [key, share] : asked) {
    if (now.find(key).value_or(Share::none()) > share)
      commands.push_back(set_key(file, key, share));
  }
}

bool any_above(const Values& now, const Amounts& asked) {
  return std::ranges::any_of(asked, [&](const auto& one) {
    return now.find(one.first).value_or(Share::none()) > one.second;
  });
}

bool any_up(const Values& now) {
  return std::ranges::any_of(now.shares, [](const auto& one) {
    return one.second > Share::none();
  });
}

}  // namespace

std::string OldWorkers::path(std::string_view map) const {
  return map_path(maps_of(configuration_.haproxy, balancer_), map);
}

Error OldWorkers::named(Error error) const {
  error.what = fmt::format("master {}: {}", *balancer_.master, error.what);
  return error;
}

Result<Connection> OldWorkers::connect(Deadline by) const {
  return Connection::open(
      Place::unix_socket(*balancer_.master), by, Connection::kConnectLimit, Spoken::master
  );
}

Result<Processes> OldWorkers::processes(Deadline by) const {
  if (!balancer_.master) return Processes{};
  auto master = connect(by);
  if (!master) return tl::unexpected(named(master.error()));
  auto answers = master->ask({"show proc"}, by);
  if (!answers) return tl::unexpected(named(answers.error()));
  auto found = parse_processes(answers->front());
  if (!found) return tl::unexpected(named(found.error()));
  return found;
}

// The master closes a conversation with a worker that has ended.
Result<Processes> OldWorkers::each(
    Deadline by, const std::function<Result<void>(Connection& master, std::uint64_t pid)>& talk
) const {
  auto found = processes(by);
  if (!found) return found;
  for (const auto pid : found->old_workers) {
    auto master = connect(by);
    const auto done = master ? talk(*master, pid) : Result<void>(pass_on(master));
    if (done) continue;
    const auto now = processes(by);
    if (!now) return now;
    const auto& old = now->old_workers;
    if (std::ranges::find(old, pid) != old.end()) return tl::unexpected(named(done.error()));
  }
  return found;
}

std::vector<std::string> OldWorkers::to(std::uint64_t pid, Answers commands) {
  for (auto& command : commands) command = fmt::format("@!{} {}", pid, command);
  return commands;
}

std::vector<std::string> OldWorkers::looks() const {
  const auto& settings = configuration_.haproxy;
  return {
      show_map(path(kShareMap)),
      show_map(path(kMirrorMap)),
      show_map(path(kKillMap)),
      show_stat(settings.flat_backend),
      show_stat(settings.hierarchical_backend),
      show_stat(settings.mirror_backend)
  };
}

Result<OldWorkerPicture> OldWorkers::picture_of(
    std::uint64_t pid, const Answers& answers, std::size_t from
) const {
  OldWorkerPicture old;
  old.pid = pid;
  old.has_kill = !is_unknown(answers[from + 2]);
  std::size_t at = from;
  for (auto* values : {&old.share, &old.mirror, &old.kill}) {
    auto entries = map_in(answers[at++]);
    if (!entries) return pass_on(entries);
    *values = values_of(*entries, "map");
    if (values->unreadable) {
      return fail(
          Code::failed,
          fmt::format("a map of old worker {} holds what is no number", pid),
          values->problems.front()
      );
    }
  }
  for (auto* rows : {&old.flat_stat, &old.hierarchical_stat, &old.mirror_stat}) {
    auto stat = stat_in(answers[at++]);
    if (!stat) return pass_on(stat);
    *rows = std::move(*stat);
  }
  return old;
}

Result<void> OldWorkers::prove(Deadline by) const {
  auto found = processes(by);
  if (!found) return pass_on(found);
  return {};
}

Result<OldWorkersSeen> OldWorkers::look(Deadline by) const {
  OldWorkersSeen seen;
  auto found = each(by, [&](Connection& master, std::uint64_t pid) -> Result<void> {
    auto answers = master.ask(to(pid, looks()), by);
    if (!answers) return pass_on(answers);
    auto picture = picture_of(pid, *answers, 0);
    if (!picture) return pass_on(picture);
    seen.workers.push_back(std::move(*picture));
    return {};
  });
  if (!found) return pass_on(found);
  seen.failed_reloads = found->failed_reloads;
  return seen;
}

Result<Traffic> OldWorkers::lower(const Traffic& asked, Deadline by) const {
  Traffic highest;
  auto found = each(by, [&](Connection& master, std::uint64_t pid) -> Result<void> {
    auto answers = master.ask(to(pid, looks()), by);
    if (!answers) return pass_on(answers);
    auto old = picture_of(pid, *answers, 0);
    if (!old) return pass_on(old);
    Answers commands;
    append_lowering(commands, path(kShareMap), old->share, asked.share);
    append_lowering(commands, path(kMirrorMap), old->mirror, asked.mirror);
    if (!commands.empty()) {
      const auto changes = commands.size();
      const auto questions = looks();
      commands.insert(commands.end(), questions.begin(), questions.end());
      answers = master.ask(to(pid, std::move(commands)), by);
      if (!answers) return pass_on(answers);
      old = picture_of(pid, *answers, changes);
      if (!old) return pass_on(old);
    }
    if (any_above(old->share, asked.share)) return tl::unexpected(still_above(pid, "a share"));
    if (any_above(old->mirror, asked.mirror)) return tl::unexpected(still_above(pid, "a mirror"));
    raise_to(highest.share, old->share, asked.share);
    raise_to(highest.mirror, old->mirror, asked.mirror);
    return {};
  });
  if (!found) return pass_on(found);
  return highest;
}

// As for the new worker: the kill switch goes with the questions whose answers the rest needs.
Result<void> OldWorkers::cut_one(
    Connection& master, std::uint64_t pid, Deadline by, OldWorkersSeen& seen
) const {
  auto commands = looks();
  commands.insert(commands.begin(), set_key(path(kKillMap), kAllRoutes, kKillOn));
  auto answers = master.ask(to(pid, std::move(commands)), by);
  if (!answers) return pass_on(answers);
  auto old = picture_of(pid, *answers, 1);
  if (!old) return pass_on(old);
  Answers rest;
  if (old->has_kill && !old->kill.find(kAllRoutes)) {
    rest.push_back(add_key(path(kKillMap), kAllRoutes, kKillOn));
  }
  append_zeroes(rest, path(kShareMap), old->share);
  append_zeroes(rest, path(kMirrorMap), old->mirror);
  const auto changes = rest.size();
  const auto questions = looks();
  rest.insert(rest.end(), questions.begin(), questions.end());
  answers = master.ask(to(pid, std::move(rest)), by);
  if (!answers) return pass_on(answers);
  old = picture_of(pid, *answers, changes);
  if (!old) return pass_on(old);
  if (old->has_kill && !is_halted(old->kill)) {
    return tl::unexpected(still_above(pid, "its kill switch off"));
  }
  if (any_up(old->share)) return tl::unexpected(still_above(pid, "a share"));
  if (any_up(old->mirror)) return tl::unexpected(still_above(pid, "a mirror"));
  seen.workers.push_back(std::move(*old));
  return {};
}

Result<OldWorkersSeen> OldWorkers::cut(Deadline by) const {
  OldWorkersSeen seen;
  auto found = each(by, [&](Connection& master, std::uint64_t pid) {
    return cut_one(master, pid, by, seen);
  });
  if (!found) return pass_on(found);
  seen.failed_reloads = found->failed_reloads;
  return seen;
}

// An old worker's proxies count as disabled, so `shutdown sessions server` is refused there: each
// session is ended by its own name. One that is gone by then has ended by itself.
Result<std::uint64_t> OldWorkers::end_sessions_of(
    Connection& master, std::uint64_t pid, Deadline by
) const {
  const auto& settings = configuration_.haproxy;
  auto answers = master.ask(to(pid, {"show sess"}), by);
  if (!answers) return pass_on(answers);
  auto sessions =
      parse_sessions(answers->front(), {settings.hierarchical_backend, settings.mirror_backend});
  if (!sessions) return pass_on(sessions);
  if (sessions->empty()) return 0;
  Answers commands;
  commands.reserve(sessions->size());
  for (const auto& session : *sessions) commands.push_back("shutdown session " + session);
  answers = master.ask(to(pid, std::move(commands)), by);
  if (!answers) return pass_on(answers);
  std::uint64_t ended = 0;
  for (const auto& answer : *answers) {
    if (answer.starts_with("No such session")) continue;
    auto quiet = expect_silence(answer, "HAProxy refuses to end a session of an old worker");
    if (!quiet) return pass_on(quiet);
    ++ended;
  }
  return ended;
}

engine::EndedSessions OldWorkers::end_sessions(Deadline by) const {
  engine::EndedSessions all;
  auto found = each(by, [&](Connection& master, std::uint64_t pid) -> Result<void> {
    auto ended = end_sessions_of(master, pid, by);
    if (!ended) return pass_on(ended);
    all.count += *ended;
    return {};
  });
  if (!found) all.problems.push_back(sentence(found.error()));
  return all;
}

}  // namespace hal9::haproxy
