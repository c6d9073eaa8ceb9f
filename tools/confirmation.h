// The question before anything goes forward: at a terminal it is put, with --yes it is answered,
// and where it cannot be put the answer is no and the line to type has --yes.
#pragma once

#include "base/result.h"
#include "context.h"

#include <optional>
#include <string>

namespace hal9::tools {

class Confirmation {
 public:
  explicit Confirmation(Context& context) : context_(context) {}

  bool operator()(const std::string& what);
  // Why the question could not be put; absent: it was put, or did not have to be.
  [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }

 private:
  Context& context_;
  std::optional<Error> refusal_;
};

}  // namespace hal9::tools
