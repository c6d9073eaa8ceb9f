// The workers that a reload left behind. They take no new connection, but whoever is connected there
// stays, with the maps of then: a tunnel to hierarchical lives on while the new worker counts none,
// and a kept connection is sent by shares that were lowered since. The stats socket belongs to the
// new worker alone; the master's reaches each of them (`@!PID COMMAND`).
//
// Without a master in the configuration nothing is asked and everything here is empty. A worker that
// ends while it is asked is no error: nobody is there any more. A map or backend that an old worker
// does not have (it runs the configuration of then) sends nobody anywhere. Thread safety: one call
// at a time for one object.
#pragma once

#include "adapters/haproxy/answers.h"
#include "adapters/haproxy/map_file.h"
#include "adapters/haproxy/picture.h"
#include "adapters/haproxy/socket_client.h"
#include "base/result.h"
#include "engine/router.h"
#include "migration/configuration.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::haproxy {

struct OldWorkersSeen {
  std::vector<OldWorkerPicture> workers;
  std::uint64_t failed_reloads = 0;
};

class OldWorkers {
 public:
  OldWorkers(const migration::Configuration& configuration, const migration::Balancer& balancer)
      : configuration_(configuration), balancer_(balancer) {}

  // Errors of all: unreachable or failed, as of a conversation, with the master's place.

  // That the master answers. True at once where none is configured.
  [[nodiscard]] Result<void> prove(Deadline by) const;
  [[nodiscard]] Result<OldWorkersSeen> look(Deadline by) const;
  // Brings shares and mirrors down to `asked`, key by key, and reads back: the highest value of each
  // key in any of them. Error: failed if one is still above.
  [[nodiscard]] Result<Traffic> lower(const Traffic& asked, Deadline by) const;
  // Kill switch on, shares and mirrors to 0; then as they are read back. Error: failed if one of
  // them does not show it.
  [[nodiscard]] Result<OldWorkersSeen> cut(Deadline by) const;
  // Ends the sessions at hierarchical and at its mirror.
  [[nodiscard]] engine::EndedSessions end_sessions(Deadline by) const;

  using Answers = std::vector<std::string>;
  // Calls `talk` with a conversation for each old worker; what fails with one that has ended
  // meanwhile is forgotten.
  [[nodiscard]] Result<Processes> each(
      Deadline by, const std::function<Result<void>(Connection& master, std::uint64_t pid)>& talk
  ) const;
  // Commands as the master hands them to that worker.
  [[nodiscard]] static Answers to(std::uint64_t pid, Answers commands);

 private:
  [[nodiscard]] Result<Processes> processes(Deadline by) const;
  [[nodiscard]] Answers looks() const;
  [[nodiscard]] Result<OldWorkerPicture> picture_of(
      std::uint64_t pid, const Answers& answers, std::size_t from
  ) const;
  [[nodiscard]] Result<void> cut_one(
      Connection& master, std::uint64_t pid, Deadline by, OldWorkersSeen& seen
  ) const;
  [[nodiscard]] Result<std::uint64_t> end_sessions_of(
      Connection& master, std::uint64_t pid, Deadline by
  ) const;
  [[nodiscard]] Result<Connection> connect(Deadline by) const;
  [[nodiscard]] Error named(Error error) const;
  [[nodiscard]] std::string path(std::string_view map) const;

  const migration::Configuration& configuration_;
  migration::Balancer balancer_;
};

}  // namespace hal9::haproxy
