// An error where there is room for one sentence: what happened, and why where that is known.
#pragma once

#include "base/result.h"

#include <string>

namespace hal9 {

inline std::string with_why(const Error& error) {
  return error.why.empty() ? error.what : error.what + ": " + error.why;
}

}  // namespace hal9
