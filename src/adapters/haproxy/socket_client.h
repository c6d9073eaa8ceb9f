// One conversation on HAProxy's stats socket, or on its master's, in the interactive mode: commands
// go out together, and each answer ends with a prompt, so that answers are told apart without
// guessing.
//
// Invariants: nothing waits past its deadline, an answer has a bounded size, and after any error
// the connection is closed (what the other side still says cannot be matched to a question any
// more). What comes back is hostile bytes; answers.h reads them. Thread safety: one Connection
// belongs to one thread.
#pragma once

#include "adapters/haproxy/place.h"
#include "base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hal9::haproxy {

// A point on the steady clock: I/O is bounded by it whatever the wall clock does.
class Deadline {
 public:
  static Deadline in(std::chrono::milliseconds from_now);
  // What is left, never negative.
  [[nodiscard]] std::chrono::milliseconds left() const;
  // The nearer one of this and `from_now`.
  [[nodiscard]] Deadline at_most(std::chrono::milliseconds from_now) const;

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}
  std::chrono::steady_clock::time_point at_;
};

// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  void close();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

enum class Spoken : std::uint8_t { process, master };  // whose prompt ends the answers

class Connection {
 public:
  // In an emergency; one that is merely looked at may be farther away, or lose its first packet.
  static constexpr std::chrono::milliseconds kConnectLimit{250};
  static constexpr std::chrono::milliseconds kPatientLimit{1500};
  static constexpr std::size_t kAnswerLimit = std::size_t{16} << 20U;  // of one ask()

  // Connects within the nearer of `limit` and `by`; nothing is said yet. Errors: unreachable, with
  // the reason.
  static Result<Connection> open(
      const Place& place,
      Deadline by,
      std::chrono::milliseconds limit = kConnectLimit,
      Spoken spoken = Spoken::process
  );

  // Sends all commands in one write and returns as many answers, in order, without their prompts.
  // A command has no newline at its end; one with a payload holds `<<` and the payload's lines.
  // Errors: unreachable (closed, or silent until `by`), failed (too long, or more than was asked).
  Result<std::vector<std::string>> ask(const std::vector<std::string>& commands, Deadline by);

 private:
  Connection(Descriptor socket, Spoken spoken);
  Result<std::vector<std::string>> exchange(const std::string& out, std::size_t count, Deadline by);
  Result<void> learn_prompt(std::string_view in);

  Descriptor socket_;
  // What ends an answer. The master's says more after a failed reload (`master[ReloadFailed]> `): it
  // is learned from the first one, and empty until then.
  std::string prompt_;
  bool interactive_ = false;  // it was told to prompt: in the first write, which waits for nothing
};

}  // namespace hal9::haproxy
