// A child process that ends with its owner, and a folder of its own for each test.
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace hal9::testing {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hal9-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Child {
 public:
  Child() = default;
  explicit Child(std::vector<std::string> argv) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    for (auto& argument : argv) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    const int error =
        ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    out_ = ends[0];
    if (error != 0) throw std::runtime_error("cannot start " + argv[0]);
  }
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), out_(std::exchange(other.out_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    if (this != &other) {
      end();
      pid_ = std::exchange(other.pid_, -1);
      out_ = std::exchange(other.out_, -1);
    }
    return *this;
  }
  ~Child() { end(); }

  [[nodiscard]] pid_t pid() const { return pid_; }

  // The next line of its standard output, without the newline; empty at its end or after 10 s.
  std::string line() {
    std::string text;
    char c = 0;
    pollfd wait{out_, POLLIN, 0};
    while (::poll(&wait, 1, 10000) > 0 && ::read(out_, &c, 1) == 1 && c != '\n') text += c;
    return text;
  }
  // Waits for its end: the exit code, or -1 if a signal ended it.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void end(int signal = SIGKILL) {
    if (pid_ > 0) {
      ::kill(pid_, signal);
      wait();
    }
    if (out_ >= 0) ::close(std::exchange(out_, -1));
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

}  // namespace hal9::testing
