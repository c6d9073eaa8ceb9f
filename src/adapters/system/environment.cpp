#include "engine/environment.h"

#include "adapters/system/system.h"
#include "base/id.h"
#include "base/time.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

namespace hal9::system {

namespace {

// The handler's two ends: written once by a signal and never read, so that every later wait sees
// it at once. Process-wide, since signals are.
std::array<int, 2> asked_to_stop{-1, -1};
volatile std::sig_atomic_t was_asked = 0;

extern "C" void hal9_ask_to_stop(int) {
  const int kept = errno;
  was_asked = 1;
  const char byte = 1;
  // A full pipe says the same as a written one.
  [[maybe_unused]] const ssize_t written = ::write(asked_to_stop[1], &byte, 1);
  errno = kept;
}

void install_handlers() {
  if (asked_to_stop[0] >= 0) return;
  if (::pipe2(asked_to_stop.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before{};
    // What was started with the signal ignored (nohup, a shell's background) stays that way.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    struct sigaction ours{};
    ours.sa_handler = hal9_ask_to_stop;
    ::sigemptyset(&ours.sa_mask);
    // The second Ctrl-C ends the process: it may be killed anywhere, and a person must never be
    // held by it.
    ours.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
    ::sigaction(signal, &ours, nullptr);
  }
}

// Sixteen at a time: asking the kernel for each took a twentieth of a busy writer's time. Each is given
// out once and is not kept.
class KernelRandom {
 public:
  Bytes16 next() {
    if (given_ == store_.size()) fill();
    return std::exchange(store_[given_++], Bytes16{});
  }

 private:
  void fill() {
    auto* const bytes = reinterpret_cast<std::uint8_t*>(store_.data());
    std::size_t have = 0;
    while (have < sizeof(store_)) {
      const ssize_t count = ::getrandom(bytes + have, sizeof(store_) - have, 0);
      // Up to 256 bytes come whole once the kernel's pool stands; only a signal gets between.
      if (count > 0) have += static_cast<std::size_t>(count);
    }
    given_ = 0;
  }

  std::array<Bytes16, 16> store_{};
  std::size_t given_ = 16;
};

timespec to_timespec(std::chrono::nanoseconds left) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  timespec time{};
  time.tv_sec = static_cast<time_t>(seconds.count());
  time.tv_nsec = static_cast<long>((left - seconds).count());
  return time;
}

class SystemEnvironment : public engine::Environment {
 public:
  SystemEnvironment() { install_handlers(); }

  Time now() override {
    return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  }

  std::chrono::steady_clock::time_point steady() override {
    return std::chrono::steady_clock::now();
  }

  Bytes16 random() override {
    thread_local KernelRandom random;
    return random.next();
  }

  bool wait(Micros duration) override {
    const auto ends = steady() + duration;
    while (was_asked == 0) {
      const auto left = std::chrono::nanoseconds(ends - steady());
      if (left <= std::chrono::nanoseconds::zero()) return false;
      pollfd end{asked_to_stop[0], POLLIN, 0};
      const timespec pause = to_timespec(left);
      if (::ppoll(&end, 1, &pause, nullptr) == 0) return false;
    }
    return true;
  }

  bool interrupted() override { return was_asked != 0; }
};

}  // namespace

std::unique_ptr<engine::Environment> make_environment() {
  return std::make_unique<SystemEnvironment>();
}

}  // namespace hal9::system
