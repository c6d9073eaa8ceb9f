// Errors are values. A function that can fail returns Result<T>; a dropped Result does not compile.
//
// An Error reaches a person as four sentences: what happened, why, what state things are in now,
// what to type next. It never carries SQL, a stack or a secret. Code decides the exit code
// (tools/exit_code.h) and later the HTTP status; nothing ever parses the sentences.
#pragma once

#include "base/code.h"  // IWYU pragma: export

#include <string>
#include <utility>

#include <tl/expected.hpp>  // IWYU pragma: export

namespace hal9 {

struct Error {
  Code code = Code::failed;
  std::string what;   // one sentence, no full stop needed: "the ledger is locked"
  std::string why;    // may be empty
  std::string state;  // what state things are in now: "nothing was changed"
  std::string next;   // the line to type next; may be empty
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(const tl::expected<T, Error>& other)  // NOLINT(google-explicit-constructor)
      : tl::expected<T, Error>(other) {}
  Result(tl::expected<T, Error>&& other)  // NOLINT(google-explicit-constructor)
      : tl::expected<T, Error>(std::move(other)) {}
};

inline tl::unexpected<Error> fail(
    Code code, std::string what, std::string why = {}, std::string state = {}, std::string next = {}
) {
  return tl::unexpected<Error>(
      Error{code, std::move(what), std::move(why), std::move(state), std::move(next)}
  );
}

// Hands the error of one result on as the error of another: `if (!x) return pass_on(x);`
template <class T>
tl::unexpected<Error> pass_on(Result<T>& result) {
  return tl::unexpected<Error>(std::move(result.error()));
}
template <class T>
tl::unexpected<Error> pass_on(Result<T>&& result) {
  return tl::unexpected<Error>(std::move(result.error()));
}

}  // namespace hal9
