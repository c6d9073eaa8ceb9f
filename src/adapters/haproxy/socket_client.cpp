#include "adapters/haproxy/socket_client.h"

#include "adapters/haproxy/place.h"
#include "base/ip_endpoint.h"
#include "base/result.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hal9::haproxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kPrompt = "\n> ";
constexpr std::string_view kMasterPrompt = "\nmaster";  // how it begins
constexpr std::size_t kLongestPrompt = 64;
constexpr milliseconds kBacklogPause{5};

std::string reason(int error) {
  return std::generic_category().message(error);
}

Error closed(std::string why) {
  return Error{Code::unreachable, "the stats socket does not answer", std::move(why), {}, {}};
}

// Room in a full backlog cannot be polled for: a Unix socket answers EAGAIN and forgets us.
Result<Descriptor> connect_to(const sockaddr_un& address, Deadline by) {
  Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.is_open()) return tl::unexpected(closed(reason(errno)));
  while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0
  ) {
    if (errno == EISCONN) break;
    if (errno != EAGAIN && errno != EINTR) return tl::unexpected(closed(reason(errno)));
    if (by.left() == milliseconds{0}) return tl::unexpected(closed("its queue is full"));
    ::poll(nullptr, 0, static_cast<int>(std::min(kBacklogPause, by.left()).count()));
  }
  return socket;
}

Result<Descriptor> connect_unix(const std::string& path, Deadline by) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return tl::unexpected(closed("the path of a Unix socket has 1 to 107 bytes"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_to(address, by);
}

// Until the connection stands or its error is known.
Result<void> wait_connected(int socket, Deadline by) {
  while (true) {
    pollfd wait{socket, POLLOUT, 0};
    const auto ready = ::poll(&wait, 1, static_cast<int>(by.left().count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return tl::unexpected(closed(reason(errno)));
    if (ready == 0) return tl::unexpected(closed("no connection in time"));
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) return tl::unexpected(closed(reason(error)));
    return {};
  }
}

Result<Descriptor> connect_tcp(const IpEndpoint& endpoint, Deadline by) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(endpoint.port);
  const int family = endpoint.is_v6 ? AF_INET6 : AF_INET;
  void* bytes = endpoint.is_v6 ? static_cast<void*>(&v6.sin6_addr) : &v4.sin_addr;
  if (::inet_pton(family, endpoint.host.c_str(), bytes) != 1) {
    return tl::unexpected(closed("its address is none"));
  }
  Descriptor socket{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.is_open()) return tl::unexpected(closed(reason(errno)));
  const int on = 1;  // a second write must not wait for the answer to the first one
  std::ignore = ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto* address = endpoint.is_v6 ? reinterpret_cast<const sockaddr*>(&v6)
                                       : reinterpret_cast<const sockaddr*>(&v4);
  const auto size = static_cast<socklen_t>(endpoint.is_v6 ? sizeof v6 : sizeof v4);
  if (::connect(socket.get(), address, size) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return tl::unexpected(closed(reason(errno)));
    if (auto connected = wait_connected(socket.get(), by); !connected) return pass_on(connected);
  }
  return socket;
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

// Cuts off the first `count` answers; empty while they are not all there.
std::optional<std::vector<std::string>> split(
    std::string_view in, std::size_t count, std::string_view prompt
) {
  std::vector<std::string> answers;
  while (answers.size() < count) {
    const auto end = in.find(prompt);
    if (end == std::string_view::npos) return std::nullopt;
    // While it reads a payload HAProxy prompts each line with "+ ".
    auto answer = in.substr(0, end);
    while (answer.starts_with("+ ")) answer.remove_prefix(2);
    answers.emplace_back(answer);
    in.remove_prefix(end + prompt.size());
  }
  if (!in.empty()) answers.emplace_back(in);  // the caller refuses more than it asked for
  return answers;
}

// The end of what was searched already is looked at again: a prompt may come in two reads.
std::size_t count_prompts(std::string_view in, std::size_t from, std::string_view prompt) {
  std::size_t count = 0;
  from = from < prompt.size() ? 0 : from - (prompt.size() - 1);
  for (auto at = in.find(prompt, from); at != std::string_view::npos;
       at = in.find(prompt, at + prompt.size())) {
    ++count;
  }
  return count;
}

}  // namespace

Deadline Deadline::in(milliseconds from_now) {
  return Deadline{steady_clock::now() + from_now};
}

milliseconds Deadline::left() const {
  const auto left = std::chrono::ceil<milliseconds>(at_ - steady_clock::now());
  return std::max(left, milliseconds{0});
}

Deadline Deadline::at_most(milliseconds from_now) const {
  return Deadline{std::min(at_, steady_clock::now() + from_now)};
}

Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Descriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Connection> Connection::open(
    const Place& place, Deadline by, milliseconds limit, Spoken spoken
) {
  const auto soon = by.at_most(limit);
  auto socket = place.ip ? connect_tcp(*place.ip, soon) : connect_unix(place.path, soon);
  if (!socket) return pass_on(socket);
  return Connection{std::move(*socket), spoken};
}

Connection::Connection(Descriptor socket, Spoken spoken)
    : socket_(std::move(socket)), prompt_(spoken == Spoken::master ? "" : kPrompt) {}

// From the first bytes of a conversation, or nothing while they are not there.
Result<void> Connection::learn_prompt(std::string_view in) {
  if (!prompt_.empty()) return {};
  const auto end = in.find("> ");
  const bool there = end != std::string_view::npos;
  if (!there && in.size() <= kLongestPrompt) return {};
  if (!there || end > kLongestPrompt || !in.starts_with(kMasterPrompt)) {
    return fail(Code::failed, "this is no socket of a HAProxy's master");
  }
  prompt_ = in.substr(0, end + 2);
  return {};
}

// The wish to be prompted goes out with the first commands: they wait for no answer to it.
Result<std::vector<std::string>> Connection::ask(
    const std::vector<std::string>& commands, Deadline by
) {
  const bool first = !std::exchange(interactive_, true);
  std::string out = first ? "prompt\n" : "";
  for (const auto& command : commands) out += command + "\n";
  auto answers = exchange(out, commands.size() + (first ? 1 : 0), by);
  if (!answers) {
    socket_.close();
  } else if (first) {
    answers->erase(answers->begin());
  }
  return answers;
}

// Reads while it writes: HAProxy stops reading when nobody takes its answers.
Result<std::vector<std::string>> Connection::exchange(
    const std::string& out, std::size_t count, Deadline by
) {
  if (!socket_.is_open()) return tl::unexpected(closed("the connection broke before"));
  std::string in;
  // The master's first prompt begins its line, and no answer is before it.
  if (prompt_.empty()) in = "\n";
  std::size_t sent = 0;
  std::size_t prompts = 0;
  char buffer[16384];
  while (prompts < count) {
    pollfd wait{
        socket_.get(), static_cast<short>(sent < out.size() ? POLLIN | POLLOUT : POLLIN), 0
    };
    const auto ready = ::poll(&wait, 1, static_cast<int>(by.left().count()));
    if (ready < 0 && errno != EINTR) return tl::unexpected(closed(reason(errno)));
    if (ready == 0) return tl::unexpected(closed("no answer in time"));
    if (ready < 0) continue;
    if ((wait.revents & POLLOUT) != 0) {
      const auto n = ::send(socket_.get(), &out[sent], out.size() - sent, MSG_NOSIGNAL);
      if (n < 0 && !would_block(errno)) return tl::unexpected(closed(reason(errno)));
      if (n > 0) sent += static_cast<std::size_t>(n);
    }
    if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    const auto n = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (n < 0 && !would_block(errno)) return tl::unexpected(closed(reason(errno)));
    if (n == 0) return tl::unexpected(closed("it closed the connection"));
    if (n < 0) continue;
    if (in.size() + static_cast<std::size_t>(n) > kAnswerLimit) {
      return fail(Code::failed, "an answer of the stats socket is too long");
    }
    const auto searched = prompt_.empty() ? 0 : in.size();
    in.append(buffer, static_cast<std::size_t>(n));
    if (auto learned = learn_prompt(in); !learned) return pass_on(learned);
    if (!prompt_.empty()) prompts += count_prompts(in, searched, prompt_);
    // A peer that trickles bytes keeps poll() happy for ever.
    if (prompts < count && by.left() == milliseconds{0}) {
      return tl::unexpected(closed("no answer in time"));
    }
  }
  auto answers = split(in, count, prompt_);
  if (!answers || answers->size() != count) {
    return fail(Code::failed, "the stats socket answered more than it was asked");
  }
  return std::move(*answers);
}

}  // namespace hal9::haproxy
