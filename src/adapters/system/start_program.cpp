#include "adapters/system/start_program.h"

#include "adapters/system/descriptor.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hal9::system {

namespace {

constexpr int kCannotRun = 127;  // as a shell has it

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    );
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

int spawn(ProgramStart& start, pid_t& id) {
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  if (!start.folder.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, start.folder.c_str());
  }
  for (std::size_t i = 0; i < start.streams.size(); ++i) {
    posix_spawn_file_actions_adddup2(&actions, start.streams.at(i), static_cast<int>(i));
  }
  if (start.keeps >= 0) posix_spawn_file_actions_adddup2(&actions, start.keeps, 3);
  posix_spawn_file_actions_addclosefrom_np(&actions, start.keeps >= 0 ? 4 : 3);
  const Attributes attributes;
  const int failed = ::posix_spawn(
      &id,
      start.arguments.front().c_str(),
      &actions,
      attributes.get(),
      pointers(start.arguments).data(),
      pointers(start.variables).data()
  );
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

// No signal reaches the child while this process's handlers are still its own.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

// ---- in the child, where other threads of ours may have held any lock: system calls and nothing else ----

void put(int from, int to) {
  // Onto itself dup2() does nothing, and it would be closed.
  if (from == to) {
    ::fcntl(to, F_SETFD, 0);
  } else {
    ::dup2(from, to);
  }
}

void close_from(unsigned first) {
  // Not at once: the gate stays open until the program is there.
  if (::close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  constexpr int kMost = 1024;  // of an old kernel
  for (int number = static_cast<int>(first); number < kMost; ++number) {
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
  }
}

// With why, for whoever let it go.
[[noreturn]] void give_up(int gate) {
  const int failed = errno;
  if (::write(gate, &failed, sizeof failed) < 0) ::_exit(kCannotRun);
  ::_exit(kCannotRun);
}

struct Child {
  const char* program;
  char* const* arguments;
  char* const* variables;
  const char* folder;  // null: where it is
  std::array<int, 3> streams;
  int keeps;
  int gate;
  int gate_of_parent;
};

[[noreturn]] void become(const Child& child) {
  ::close(child.gate_of_parent);  // or its end would not be seen
  ::setpgid(0, 0);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &usual, nullptr);
  char go = 0;
  ssize_t got = 0;
  do {
    got = ::read(child.gate, &go, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) ::_exit(kCannotRun);  // whoever was to let it go is gone
  if (child.folder != nullptr && ::chdir(child.folder) != 0) give_up(child.gate);
  for (int i = 0; i < 3; ++i) put(child.streams[static_cast<std::size_t>(i)], i);
  if (child.keeps >= 0) put(child.keeps, 3);
  close_from(child.keeps >= 0 ? 4 : 3);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(child.program, child.arguments, child.variables);
  give_up(child.gate);
}

// ---- in the parent again ----

// Lets it go: 0, or why it could not become the program.
int let_go(int gate) {
  const char go = 1;
  while (::send(gate, &go, 1, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return errno;
  }
  int failed = 0;
  ssize_t got = 0;
  do {
    got = ::read(gate, &failed, sizeof failed);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof failed) ? failed : 0;
}

// posix_spawn() cannot wait in between.
int fork_and_tell(ProgramStart& start, const std::function<void(pid_t)>& begins, pid_t& id) {
  std::array<int, 2> both{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) != 0) return errno;
  Descriptor ours(both[0]);
  Descriptor low(both[1]);
  // Above all that it is given, so that nothing of that is put onto it.
  constexpr int kAbove = 10;
  Descriptor theirs(::fcntl(low.get(), F_DUPFD_CLOEXEC, kAbove));
  if (!theirs.open()) return errno;
  low = Descriptor();
  const auto arguments = pointers(start.arguments);
  const auto variables = pointers(start.variables);
  const Child child{
      arguments.front(),
      arguments.data(),
      variables.data(),
      start.folder.empty() ? nullptr : start.folder.c_str(),
      start.streams,
      start.keeps,
      theirs.get(),
      ours.get()
  };
  {
    const NoSignals blocked;
    id = ::fork();
    if (id == 0) become(child);
  }
  if (id < 0) return errno;
  theirs = Descriptor();
  begins(id);
  const int failed = let_go(ours.get());
  if (failed == 0) return 0;
  ::kill(id, SIGKILL);
  while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR) {
  }
  return failed;
}

}  // namespace

int start_program(ProgramStart start, const std::function<void(pid_t)>& begins, pid_t& id) {
  return begins ? fork_and_tell(start, begins, id) : spawn(start, id);
}

}  // namespace hal9::system
