#include "adapters/http/token.h"

#include "adapters/system/system.h"
#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include <sys/stat.h>

namespace hal9::http {

namespace {

constexpr std::size_t kLongest = 8192;

}  // namespace

Result<std::string> token_of(const std::string& file, const std::string& header) {
  auto token = system::read_trusted(file, kLongest);
  if (!token) return pass_on(token);
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(
        Code::not_authorised,
        "the token in " + file + " is not used",
        "others may read the file",
        "nothing was sent",
        "chmod 600 " + escape_shell(file)
    );
  }
  while (token->ends_with('\n') || token->ends_with('\r')) token->pop_back();
  const bool plain =
      std::ranges::all_of(*token, [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
  if (token->empty() || !plain) {
    return fail(
        Code::usage,
        "the token in " + file + " is not used",
        token->empty() ? "the file is empty" : "it holds more than one line of plain characters",
        "nothing was sent"
    );
  }
  return header == "Authorization" ? "Bearer " + *token : *token;
}

}  // namespace hal9::http
