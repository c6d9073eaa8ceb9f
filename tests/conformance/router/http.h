// A client with one kept connection: enough HTTP/1.1 for the echo service behind HAProxy.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace hal9::testing {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A port that was free a moment ago.
inline std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("a test cannot bind");
  }
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

struct Reply {
  int status = 0;  // 0: no answer
  std::string body;

  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
  [[nodiscard]] std::string system() const {
    const auto parsed = json();
    return parsed.is_object() ? parsed.value("system", "") : "";
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port) : port_(port) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(); }

  Reply get(std::string_view path, std::string_view headers = {}) {
    return send("GET", path, headers, {});
  }
  Reply send(
      std::string_view method,
      std::string_view path,
      std::string_view headers,
      std::string_view body
  ) {
    std::string request;
    request.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: test\r\n");
    request.append(headers);
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    request.append("\r\n").append(body);
    // A kept connection may have been closed meanwhile: once more on a new one.
    auto reply = exchange(request);
    return reply.status == 0 ? exchange(request) : reply;
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  bool connect() {
    if (fd_ >= 0) return true;
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{5, 0};
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto address = loopback(port_);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return true;
    }
    close();
    return false;
  }
  Reply exchange(const std::string& request) {
    if (!connect()) return {};
    if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
      close();
      return {};
    }
    std::string in;
    std::size_t end = std::string::npos;
    while ((end = in.find("\r\n\r\n")) == std::string::npos) {
      if (!receive(in)) return {};
    }
    Reply reply;
    std::from_chars(in.data() + 9, in.data() + 12, reply.status);
    const std::size_t length = content_length(in.substr(0, end));
    while (in.size() < end + 4 + length) {
      if (!receive(in)) return {};
    }
    reply.body = in.substr(end + 4, length);
    if (reply.status != 200) close();
    return reply;
  }
  bool receive(std::string& in) {
    char buffer[4096];
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) {
      close();
      return false;
    }
    in.append(buffer, static_cast<std::size_t>(n));
    return true;
  }
  static std::size_t content_length(std::string head) {
    for (auto& c : head) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    constexpr std::string_view kName = "content-length: ";
    const auto at = head.find(kName);
    std::size_t length = 0;
    if (at != std::string::npos) {
      std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), length);
    }
    return length;
  }

  std::uint16_t port_;
  int fd_ = -1;
};

}  // namespace hal9::testing
