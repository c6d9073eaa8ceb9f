// One call of a router's program: request in, answer out, and for each way in which that fails an
// error that names the program and what it said. Internal to this folder.
#pragma once

#include "adapters/exec/codec_protocol.h"
#include "adapters/exec/exec_router.h"
#include "base/result.h"

#include <chrono>
#include <filesystem>
#include <string>

namespace hal9::exec {

class Caller {
 public:
  // `ledger`: whose owner may name programs.
  Caller(Program program, std::filesystem::path ledger);

  [[nodiscard]] const Program& program() const { return program_; }
  // As it is typed: the path, without its arguments.
  [[nodiscard]] std::string name() const;

  // Nobody else could put his own program in its place. Error: not_authorised, where and how.
  [[nodiscard]] Result<void> is_ours() const;

  // The answer's bytes. `most` bounds the time where it is less than the program's own. Errors:
  // unreachable (it cannot be run or does not end), failed (it ended with another code than 0; its
  // stderr is why), damaged (it prints without end), not_authorised (root, and another's program).
  Result<std::string> call(const Request& request, std::chrono::milliseconds most) const;
  // The error of an answer that cannot be read.
  [[nodiscard]] tl::unexpected<Error> nonsense(const std::string& operation, const Error& error)
      const;

 private:
  Program program_;
  std::filesystem::path ledger_;
};

}  // namespace hal9::exec
