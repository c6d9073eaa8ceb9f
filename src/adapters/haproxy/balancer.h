// One HAProxy and what is asked of it: the process that takes new connections, and those that a
// reload left behind where its master is known (old_workers.h). haproxy_router.h puts several of them
// together and keeps the map files; nothing here touches a file.
//
// Every call connects anew (a restart leaves no broken connection behind) and ends by its own
// deadline. Errors name the balancer. Thread safety: one call at a time for one Balancer.
#pragma once

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/old_workers.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

// Names of the map files in the folder of the configuration.
inline constexpr std::string_view kShareMap = "share.map";
inline constexpr std::string_view kMirrorMap = "mirror.map";
inline constexpr std::string_view kKillMap = "kill.map";
inline constexpr std::string_view kFeatureMap = "feature.map";

// The folder of the maps as this balancer knows them.
std::string maps_of(
    const migration::HaproxySettings& settings, const migration::Balancer& balancer
);
// Distinct folders of map files on this machine, in the balancers' order.
std::vector<std::string> folders_here(const migration::HaproxySettings& settings);
std::string map_path(std::string_view folder, std::string_view map);

struct CutFacts;  // map_commands.h

// What an emergency did at one balancer: whatever worked is kept.
struct BalancerCut {
  bool answered = false;                       // kill switch, shares and mirrors were all read back
  bool replied = false;                        // it answered each command, whatever it said
  bool halted = false;                         // as read back
  bool stays = false;                          // it answered, and does not show the cut
  bool maintenance = false;                    // as read back
  bool sessions_left = false;                  // at hierarchical, as read back, or not readable
  bool found = false;                          // what stands before the cut was read:
  bool found_halted = false;                   // the kill switch was on already
  std::vector<std::string> found_down;         // servers in maintenance, backend/server
  std::vector<std::string> found_halted_down;  // those of pools that were halted (weights alone)
  std::vector<std::string> down;               // the same, as read back
  std::vector<migration::RouteAmount> before;  // empty if it could not be read
  std::vector<migration::RouteAmount> observed;  // the same
  std::vector<std::string> problems;
};

class Balancer {
 public:
  static constexpr std::chrono::milliseconds kReadLimit{2000};
  static constexpr std::chrono::milliseconds kWriteLimit{5000};
  static constexpr std::chrono::milliseconds kUpLimit{3000};  // servers out of maint until up

  Balancer(const migration::Configuration& configuration, const migration::Balancer& balancer)
      : configuration_(configuration), balancer_(balancer), old_(configuration, balancer) {}

  [[nodiscard]] const std::string& name() const { return balancer_.name.text(); }

  [[nodiscard]] Result<engine::Reading> read() const;
  // Writes what a map holds already. Error: failed, with what HAProxy says. That maint is refused
  // is no error of its own, since the kill switch alone turns traffic back; it is said with one.
  [[nodiscard]] Result<void> prove_writable() const;
  // Sets what is asked (toward flat: never above what is there) and reads back: returns the values
  // of these keys. Error: failed if they are not as they should be.
  [[nodiscard]] Result<Traffic> set_traffic(const Traffic& asked, engine::Toward toward) const;
  [[nodiscard]] Result<Amounts> set_features(const Amounts& asked) const;
  [[nodiscard]] BalancerCut cut(Deadline by) const;
  // The same of some routes (keys), by their own kill keys; servers stay up.
  [[nodiscard]] BalancerCut cut_routes(const std::vector<std::string>& keys, Deadline by) const;
  [[nodiscard]] engine::EndedSessions end_sessions() const;
  // Takes `servers` (backend/server) out of maintenance and the kill switch off. Error: negative
  // while no server of the hierarchical backend is up; the halt is then still on.
  [[nodiscard]] Result<void> clear_halt(const std::set<std::string>& servers) const;
  // The kill keys of these routes off. Error: failed if they are not.
  [[nodiscard]] Result<void> clear_routes(const std::vector<std::string>& keys) const;

 private:
  [[nodiscard]] Result<Connection> connect(
      Deadline by, std::chrono::milliseconds limit = Connection::kPatientLimit
  ) const;
  // A sentence of the conversation that failed becomes one that names this balancer.
  [[nodiscard]] tl::unexpected<Error> named(Error error) const;
  [[nodiscard]] Result<Picture> look(Deadline by) const;
  [[nodiscard]] Result<void> write_what_is_there(Connection& connection, Deadline by) const;
  [[nodiscard]] Result<Traffic> lower(const Traffic& asked) const;
  [[nodiscard]] Result<Traffic> lower_maps(
      Connection& connection, const Traffic& asked, Deadline by
  ) const;
  [[nodiscard]] Result<Amounts> write_map(
      Connection& connection,
      std::string_view map,
      const Amounts& asked,
      engine::Toward toward,
      Deadline by
  ) const;
  [[nodiscard]] Result<std::vector<std::string>> replace_map(
      Connection& connection, std::string_view map, const Amounts& asked, Deadline by
  ) const;
  [[nodiscard]] Result<std::vector<ServerState>> servers_to_move(
      Connection& connection, Deadline by
  ) const;
  [[nodiscard]] Result<void> wait_until_up(Connection& connection, Deadline by) const;
  void cut_in(Connection& connection, Deadline by, BalancerCut& cut) const;
  void cut_old(Deadline by, BalancerCut& cut) const;
  void read_cut_back(const std::vector<std::string>& answers, BalancerCut& cut) const;
  void cut_routes_in(
      Connection& connection, const std::vector<std::string>& keys, Deadline by, BalancerCut& cut
  ) const;
  void say_what_stays(BalancerCut& cut, const CutFacts& facts) const;
  [[nodiscard]] std::vector<std::string> cut_questions() const;
  [[nodiscard]] Result<void> end_sessions_in(
      Connection& connection, Deadline by, engine::EndedSessions& ended
  ) const;
  [[nodiscard]] std::string not_ended(const Error& error) const;
  [[nodiscard]] std::string path(std::string_view map) const;

  const migration::Configuration& configuration_;
  migration::Balancer balancer_;
  OldWorkers old_;
};

}  // namespace hal9::haproxy
