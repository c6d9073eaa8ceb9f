// hal9-http-router OPERATION: a request on stdin, its answer on stdout, and exit 0; or what is wrong on
// stderr, and exit 1. hal9-migrate calls it for a router of kind http.
#include "adapters/http/program.h"
#include "base/result.h"

#include <cstddef>
#include <cstdio>
#include <string>

#include <curl/curl.h>
#include <unistd.h>

namespace {

constexpr std::size_t kMostRequest = std::size_t{4} * 1024 * 1024;

std::string all_of_stdin() {
  std::string bytes;
  std::string chunk(65536, '\0');
  while (bytes.size() <= kMostRequest) {
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got <= 0) break;
    bytes.append(chunk, 0, static_cast<std::size_t>(got));
  }
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: hal9-http-router OPERATION, with a request on stdin\n", stderr);
    return 2;
  }
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    std::fputs("libcurl cannot be used\n", stderr);
    return 1;
  }
  const auto answer = hal9::http::answer(arguments[1], all_of_stdin());
  if (answer) return std::fputs(answer->c_str(), stdout) < 0 || std::fflush(stdout) != 0 ? 1 : 0;
  const hal9::Error& error = answer.error();
  const std::string text = error.what + (error.why.empty() ? "" : ": " + error.why) + "\n";
  std::fputs(text.c_str(), stderr);
  return 1;
}
