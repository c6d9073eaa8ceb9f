// The emergency of some routes at one balancer: the kill key of each, then zeros, then a look. The
// servers stay up: other routes need them.
#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/balancer.h"
#include "adapters/haproxy/map_commands.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/route.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::haproxy {
namespace {

// The amounts of these routes alone.
std::vector<migration::RouteAmount> only(
    std::vector<migration::RouteAmount> amounts, const std::vector<std::string>& keys
) {
  std::erase_if(amounts, [&](const migration::RouteAmount& amount) {
    return std::ranges::find(keys, to_text(amount.route)) == keys.end();
  });
  return amounts;
}

bool all_on(const Values& kill, const std::vector<std::string>& keys) {
  return std::ranges::all_of(keys, [&](const std::string& key) {
    return kill.find(key).value_or(Share::none()) > Share::none();
  });
}

}  // namespace

BalancerCut Balancer::cut_routes(const std::vector<std::string>& keys, Deadline by) const {
  BalancerCut cut;
  auto connection = connect(by, Connection::kConnectLimit);
  if (connection) {
    cut_routes_in(*connection, keys, by, cut);
  } else {
    cut.problems.push_back(sentence(named(connection.error()).value()));
  }
  // Nothing is raised in a worker that a reload left behind: at 0 it stays at 0.
  Traffic zero;
  for (const auto& key : keys) {
    zero.share.insert_or_assign(key, Share::none());
    zero.mirror.insert_or_assign(key, Share::none());
  }
  if (const auto old = old_.lower(zero, by); !old) {
    cut.answered = false;
    cut.problems.push_back(sentence(named(old.error()).value()));
  }
  return cut;
}

// The kill keys need to know nothing, so they go first, together with the questions whose answers
// say which of them the map lacks and which shares are up.
void Balancer::cut_routes_in(
    Connection& connection, const std::vector<std::string>& keys, Deadline by, BalancerCut& cut
) const {
  std::vector<std::string> commands;
  commands.reserve(keys.size());
  for (const auto& key : keys) commands.push_back(set_key(path(kKillMap), key, kKillOn));
  const auto asked = commands.size();
  const auto questions = cut_questions();
  commands.insert(commands.end(), questions.begin(), questions.end());
  auto answers = connection.ask(commands, by);
  if (!answers) {
    cut.problems.push_back(sentence(named(answers.error()).value()));
    return;
  }
  const CutFacts facts = cut_facts(*answers, asked);
  if (facts.amounts_are_read) {
    cut.before = only(amounts_of(configuration_, facts.share, facts.mirror), keys);
  }
  commands.clear();
  Amounts zero;
  for (const auto& key : keys) {
    zero.insert_or_assign(key, Share::none());
    if (!facts.kill.find(key)) commands.push_back(add_key(path(kKillMap), key, kKillOn));
  }
  append_changes(commands, path(kShareMap), facts.share, changes_of(facts.share, zero));
  append_changes(commands, path(kMirrorMap), facts.mirror, changes_of(facts.mirror, zero));
  const auto changes = commands.size();
  commands.insert(commands.end(), questions.begin(), questions.end());
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
  const auto after = cut_facts(*answers, changes);
  cut.answered = after.kill_is_read && after.amounts_are_read;
  cut.halted = after.kill_is_read && all_on(after.kill, keys);
  if (after.kill_is_read && !cut.halted) {
    cut.stays = true;
    const Error error{Code::failed, "a kill key of these routes is not on", {}, {}, {}};
    cut.problems.push_back(sentence(named(error).value()));
  }
  if (after.amounts_are_read) {
    cut.observed = only(amounts_of(configuration_, after.share, after.mirror), keys);
  }
  for (const auto& error : after.errors) cut.problems.push_back(sentence(named(error).value()));
}

Result<void> Balancer::clear_routes(const std::vector<std::string>& keys) const {
  const auto by = Deadline::in(kWriteLimit);
  auto connection = connect(by);
  if (!connection) return named(connection.error());
  Amounts off;
  for (const auto& key : keys) off.insert_or_assign(key, Share::none());
  const auto cleared = write_map(*connection, kKillMap, off, engine::Toward::hierarchical, by);
  if (!cleared) return named(cleared.error());
  return {};
}

}  // namespace hal9::haproxy
