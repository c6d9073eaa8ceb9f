// A stats socket with answers of its own: what HAProxy says only when something is wrong.
#pragma once

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hal9::testing {

// Answers each line of one connection after the other, in HAProxy's interactive mode.
class FakeSocket {
 public:
  using Answer = std::function<std::string(const std::string& command)>;

  // `prompts_as`: `master` for a master's socket.
  FakeSocket(const std::string& path, Answer answer, std::string prompts_as = "")
      : answer_(std::move(answer)), prompts_as_(std::move(prompts_as)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd_, 8) != 0) {
      throw std::runtime_error("no socket at " + path);
    }
    thread_ = std::thread([this] { serve(); });
  }
  FakeSocket(const FakeSocket&) = delete;
  FakeSocket& operator=(const FakeSocket&) = delete;
  ~FakeSocket() {
    stop_ = true;
    thread_.join();
    ::close(fd_);
  }

  // Everything that was said to it, in order, without `prompt`.
  [[nodiscard]] std::vector<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void serve() {
    while (!stop_) {
      if (!is_readable(fd_)) continue;
      const int peer = ::accept(fd_, nullptr, nullptr);
      talk(peer);
      ::close(peer);
    }
  }
  void talk(int peer) {
    std::string in;
    char buffer[4096];
    while (!stop_) {
      if (!is_readable(peer)) continue;
      const auto n = ::recv(peer, buffer, sizeof buffer, 0);
      if (n <= 0) return;
      in.append(buffer, static_cast<std::size_t>(n));
      for (auto end = in.find('\n'); end != std::string::npos; end = in.find('\n')) {
        const auto command = in.substr(0, end);
        // A master's first prompt begins its line.
        const bool begins = command == "prompt" && !prompts_as_.empty();
        const auto out = say(command) + (begins ? "" : "\n") + prompts_as_ + "> ";
        in.erase(0, end + 1);
        ::send(peer, out.data(), out.size(), MSG_NOSIGNAL);
      }
    }
  }
  std::string say(const std::string& command) {
    if (command == "prompt") return {};
    const std::lock_guard lock(mutex_);
    heard_.push_back(command);
    return answer_(command);
  }
  static bool is_readable(int fd) {
    pollfd wait{fd, POLLIN, 0};
    return ::poll(&wait, 1, 20) > 0;
  }

  Answer answer_;
  std::string prompts_as_;
  int fd_ = -1;
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace hal9::testing
