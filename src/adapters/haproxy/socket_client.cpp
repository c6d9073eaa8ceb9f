#include "adapters/haproxy/socket_client.h"

#include "base/result.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hal9::haproxy {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kPrompt = "\n> ";
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

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

// Cuts off the first `count` answers; empty while they are not all there.
std::optional<std::vector<std::string>> split(std::string_view in, std::size_t count) {
  std::vector<std::string> answers;
  while (answers.size() < count) {
    const auto end = in.find(kPrompt);
    if (end == std::string_view::npos) return std::nullopt;
    // While it reads a payload HAProxy prompts each line with "+ ".
    auto answer = in.substr(0, end);
    while (answer.starts_with("+ ")) answer.remove_prefix(2);
    answers.emplace_back(answer);
    in.remove_prefix(end + kPrompt.size());
  }
  if (!in.empty()) answers.emplace_back(in);  // the caller refuses more than it asked for
  return answers;
}

// The end of what was searched already is looked at again: a prompt may come in two reads.
std::size_t count_prompts(std::string_view in, std::size_t from) {
  std::size_t count = 0;
  from = from < kPrompt.size() ? 0 : from - (kPrompt.size() - 1);
  for (auto at = in.find(kPrompt, from); at != std::string_view::npos;
       at = in.find(kPrompt, at + kPrompt.size())) {
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

Result<Connection> Connection::open(const std::string& path, Deadline by) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return tl::unexpected(closed("the path of a Unix socket has 1 to 107 bytes"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  auto socket = connect_to(address, by.at_most(kConnectLimit));
  if (!socket) return pass_on(socket);
  Connection connection{std::move(*socket)};
  const auto prompted = connection.ask({"prompt"}, by);
  if (!prompted) return tl::unexpected(prompted.error());
  return connection;
}

Result<std::vector<std::string>> Connection::ask(
    const std::vector<std::string>& commands, Deadline by
) {
  std::string out;
  for (const auto& command : commands) out += command + "\n";
  auto answers = exchange(out, commands.size(), by);
  if (!answers) socket_.close();
  return answers;
}

// Reads while it writes: HAProxy stops reading when nobody takes its answers.
Result<std::vector<std::string>> Connection::exchange(
    const std::string& out, std::size_t count, Deadline by
) {
  if (!socket_.is_open()) return tl::unexpected(closed("the connection broke before"));
  std::string in;
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
    const auto searched = in.size();
    in.append(buffer, static_cast<std::size_t>(n));
    prompts += count_prompts(in, searched);
    // A peer that trickles bytes keeps poll() happy for ever.
    if (prompts < count && by.left() == milliseconds{0}) {
      return tl::unexpected(closed("no answer in time"));
    }
  }
  auto answers = split(in, count);
  if (!answers || answers->size() != count) {
    return fail(Code::failed, "the stats socket answered more than it was asked");
  }
  return std::move(*answers);
}

}  // namespace hal9::haproxy
