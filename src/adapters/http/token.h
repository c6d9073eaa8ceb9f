// A token for an administration interface, from its file.
#pragma once

#include "base/result.h"

#include <string>

namespace hal9::http {

// The value of the header: "Bearer TOKEN" for Authorization, else the token alone. The file belongs to
// us or root and nobody else may read it. Errors: missing, not_authorised (owner, mode), usage (it is
// empty, or holds what no header may). No error holds any of it.
Result<std::string> token_of(const std::string& file, const std::string& header);

}  // namespace hal9::http
