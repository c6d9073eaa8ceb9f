#include "adapters/system/run_program.h"

#include "adapters/system/descriptor.h"
#include "adapters/system/start_program.h"
#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hal9::system {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostErrors = 4096;

tl::unexpected<Error> not_run(const std::string& program, int number) {
  Error error = system_error(number, escape_shell(program) + " cannot be run");
  if (number == EACCES || number == ENOEXEC) error.code = Code::not_authorised;
  error.state = "nothing was run";
  error.next = "ls -l " + escape_shell(program);
  return tl::unexpected<Error>(std::move(error));
}

// Before the program itself is to blame: posix_spawn() has one number for both.
tl::unexpected<Error> not_run_in(
    const std::filesystem::path& folder, const std::string& program, int number
) {
  struct stat found{};
  if (folder.empty() || ::stat((folder / ".").c_str(), &found) == 0)
    return not_run(program, number);
  Error error = not_run(program, errno).value();
  const std::string name = escape_shell(folder.string());
  error.why = fmt::format("it is to run in {}: {}", name, error.why);
  error.next = "ls -ld " + name;
  return tl::unexpected<Error>(std::move(error));
}

struct Pair {
  Descriptor ours;
  Descriptor theirs;
};

// Sockets, since a write to a pipe whose reader is gone would end this process.
Result<Pair> make_pair(const std::string& program) {
  std::array<int, 2> both{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) != 0) {
    return not_run(program, errno);
  }
  return Pair{Descriptor(both[0]), Descriptor(both[1])};
}

std::vector<std::string> environment() {
  std::vector<std::string> kept;
  for (const char* name : {"HOME", "LANG", "LOGNAME", "PATH", "SSH_AUTH_SOCK", "TZ", "USER"}) {
    const char* value = ::getenv(name);
    if (value != nullptr) kept.push_back(fmt::format("{}={}", name, value));
  }
  return kept;
}

class Running {
 public:
  static Result<Running> start(
      const std::vector<std::string>& arguments, const ProgramLimits& limits
  ) {
    Running program;
    const std::string& name = arguments.front();
    std::array<Pair, 3> pairs;
    ProgramStart start{arguments, environment(), {}, limits.keeps, {}};
    for (std::size_t i = 0; i < 3; ++i) {
      auto made = make_pair(name);
      if (!made) return pass_on(made);
      pairs.at(i) = std::move(*made);
      start.streams.at(i) = pairs.at(i).theirs.get();
    }
    start.folder = limits.folder;
    const int failed = start_program(std::move(start), limits.begins, program.id_);
    if (failed != 0) return not_run_in(limits.folder, name, failed);
    program.started_ = true;
    for (std::size_t i = 0; i < 3; ++i) program.ends_.at(i) = std::move(pairs.at(i).ours);
    // Not by pidfd_open(): glibc 2.36 has its header for C alone.
    program.ended_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, program.id_, 0)));
    if (!program.ended_.open()) return not_run(name, errno);
    return program;
  }
  Running(Running&& other) noexcept
      : id_(other.id_),
        started_(std::exchange(other.started_, false)),
        ends_(std::move(other.ends_)),
        ended_(std::move(other.ended_)) {}
  Running& operator=(Running&&) = delete;
  ~Running() {
    if (started_) end();
  }

  // Whoever of its group is still there goes with it.
  int end() {
    started_ = false;
    ::kill(-id_, SIGKILL);
    ::kill(id_, SIGKILL);  // where it has left its group
    int status = 0;
    while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  Descriptor& input() { return ends_[0]; }
  Descriptor& output() { return ends_[1]; }
  Descriptor& errors() { return ends_[2]; }
  [[nodiscard]] const Descriptor& ended() const { return ended_; }

 private:
  Running() = default;

  pid_t id_ = 0;
  bool started_ = false;
  std::array<Descriptor, 3> ends_;
  Descriptor ended_;
};

// Closes it where there is nothing more to come, or to give.
void take(Descriptor& from, std::string& into, std::size_t most) {
  std::array<char, 16384> chunk{};
  const ssize_t got = ::recv(from.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    from = Descriptor();
    return;
  }
  into.append(chunk.data(), std::min(static_cast<std::size_t>(got), most - into.size()));
}

void give(Descriptor& to, std::string_view& rest) {
  const ssize_t sent = ::send(to.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  rest.remove_prefix(sent < 0 ? rest.size() : static_cast<std::size_t>(sent));
  if (rest.empty()) to = Descriptor();
}

// Until it has ended and closed what it prints to, or may go on no longer.
ProgramEnd talk(
    Running& program,
    std::string_view input,
    ProgramResult& result,
    const ProgramLimits& limits,
    Clock::time_point until
) {
  if (input.empty()) program.input() = Descriptor();
  bool ended = false;
  while (!ended || program.output().open() || program.errors().open()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) {
      return ended && limits.rest ? ProgramEnd::itself : ProgramEnd::out_of_time;
    }
    if (limits.stop && limits.stop()) return ProgramEnd::stopped;
    if (result.output.size() > limits.output) return ProgramEnd::too_much;
    std::array<pollfd, 4> waits{
        pollfd{program.input().get(), POLLOUT, 0},
        pollfd{program.output().get(), POLLIN, 0},
        pollfd{program.errors().get(), POLLIN, 0},
        pollfd{ended ? -1 : program.ended().get(), POLLIN, 0}
    };
    if (::poll(waits.data(), waits.size(), static_cast<int>(left)) <= 0) continue;
    if (waits[0].revents != 0) give(program.input(), input);
    if (waits[1].revents != 0) take(program.output(), result.output, limits.output + 1);
    if (waits[2].revents != 0) take(program.errors(), result.errors, kMostErrors);
    if (waits[3].revents != 0) {
      ended = true;
      if (limits.rest) until = std::min(until, Clock::now() + *limits.rest);
    }
  }
  return result.output.size() > limits.output ? ProgramEnd::too_much : ProgramEnd::itself;
}

}  // namespace

bool may_run_for(std::uint32_t user, std::uint32_t owner) {
  return user != 0 || owner == 0;
}

Result<ProgramEnd> run_program(
    const std::vector<std::string>& arguments,
    std::string_view input,
    const ProgramLimits& limits,
    ProgramResult& result
) {
  const auto until = Clock::now() + limits.time;
  auto program = Running::start(arguments, limits);
  if (!program) return pass_on(program);
  const ProgramEnd end = talk(*program, input, result, limits, until);
  result.code = program->end();
  return end;
}

Result<ProgramResult> run_program(
    const std::vector<std::string>& arguments, std::string_view input, const ProgramLimits& limits
) {
  ProgramResult result;
  auto end = run_program(arguments, input, limits, result);
  if (!end) return pass_on(end);
  const std::string name = escape_shell(arguments.front());
  switch (*end) {
    case ProgramEnd::itself:
      return result;
    case ProgramEnd::out_of_time:
      return fail(
          Code::unreachable,
          name + " did not end",
          fmt::format("it had {} ms", limits.time.count()),
          "it was killed"
      );
    case ProgramEnd::stopped:
      return fail(Code::interrupted, name + " was stopped", "", "it was killed");
    case ProgramEnd::too_much:
      return fail(
          Code::damaged,
          name + " prints without end",
          fmt::format("{} bytes are the most", limits.output),
          "it was killed"
      );
  }
  return result;
}

}  // namespace hal9::system
