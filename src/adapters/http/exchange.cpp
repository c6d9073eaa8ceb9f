#include "adapters/http/exchange.h"

#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

namespace hal9::http {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostBody = std::size_t{1024} * 1024;
constexpr std::size_t kShownBody = 300;
constexpr long kMostConnectMs = 2000;
constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kNoToken = "(the token)";

struct Handle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct List {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Body {
  std::string bytes;
  bool too_long = false;
};

// As libcurl calls it; less than what was given ends the transfer.
std::size_t take(char* data, std::size_t size, std::size_t count, void* into) {
  auto& body = *static_cast<Body*>(into);
  const std::size_t bytes = size * count;
  body.too_long = body.bytes.size() + bytes > kMostBody;
  if (body.too_long) return 0;
  body.bytes.append(data, bytes);
  return bytes;
}

}  // namespace

struct Exchange::State {
  Manner manner;
  std::chrono::steady_clock::time_point until;
  std::unique_ptr<CURL, Handle> handle;
  std::unique_ptr<curl_slist, List> headers;
  std::array<char, CURL_ERROR_SIZE> why{};

  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) return;
    std::ignore = headers.release();
    headers.reset(longer);
  }

  // What an answer or libcurl says, without the token should it be echoed.
  [[nodiscard]] std::string shown(std::string_view said) const {
    std::string_view secret = manner.token;
    if (secret.starts_with(kBearer)) secret.remove_prefix(kBearer.size());
    std::string text(said);
    std::size_t at = 0;
    while (!secret.empty() && (at = text.find(secret, at)) != std::string::npos) {
      text.replace(at, secret.size(), kNoToken);
      at += kNoToken.size();
    }
    return escape_terminal(shorten(text, kShownBody));
  }

  void prepare(const Ask& ask, Body& body, milliseconds time) {
    CURL* const curl = handle.get();
    curl_easy_reset(curl);  // kept connections stay
    headers.reset();
    why.fill('\0');
    curl_easy_setopt(curl, CURLOPT_URL, ask.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(time.count()));
    curl_easy_setopt(
        curl, CURLOPT_CONNECTTIMEOUT_MS, std::min(kMostConnectMs, static_cast<long>(time.count()))
    );
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why.data());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "hal9-migrate");
    if (!manner.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, manner.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask.method.c_str());
    add_header("Accept: application/json");
    if (!ask.content_type.empty()) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(ask.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask.body.c_str());
      add_header("Content-Type: " + ask.content_type);
      add_header("Expect:");  // nothing waits for 100 Continue
    }
    if (ask.with_token && !manner.token.empty()) {
      add_header(manner.token_header + ": " + manner.token);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  }
};

Exchange::Exchange(Manner manner) : state_(std::make_unique<State>()) {
  state_->until = std::chrono::steady_clock::now() + manner.time;
  state_->manner = std::move(manner);
  state_->handle.reset(curl_easy_init());
}
Exchange::~Exchange() = default;

Result<std::string> Exchange::ask(const Ask& ask) {
  return this->ask(ask, state_->manner.time);
}

Result<std::string> Exchange::ask(const Ask& ask, milliseconds most) {
  const std::string asked = ask.method + " " + ask.url;
  const auto left =
      std::chrono::duration_cast<milliseconds>(state_->until - std::chrono::steady_clock::now());
  if (left.count() <= 0) {
    return fail(Code::unreachable, asked + " was not asked any more", "the time is over");
  }
  if (!state_->handle) return fail(Code::failed, asked + " cannot be asked", "no memory");
  Body body;
  state_->prepare(ask, body, std::min(left, most));
  const CURLcode done = curl_easy_perform(state_->handle.get());
  if (body.too_long) {
    return fail(
        Code::damaged,
        asked + " answers without end",
        fmt::format("{} bytes are the most", kMostBody)
    );
  }
  if (done != CURLE_OK) {
    const std::string_view said =
        state_->why.front() != '\0' ? state_->why.data() : curl_easy_strerror(done);
    return fail(Code::unreachable, asked + " was not answered", state_->shown(said));
  }
  long status = 0;
  curl_easy_getinfo(state_->handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return std::move(body.bytes);
  return fail(
      Code::failed, fmt::format("{} answered {}", asked, status), state_->shown(body.bytes)
  );
}

}  // namespace hal9::http
