// hal9-http-router: a router's program (adapters/exec/README.md) over an administration interface.
//
// It keeps nothing: each operation is the requests that the settings describe, one route after the
// other. Toward flat what fails keeps nothing else from being lowered; a raise ends at the first
// failure. An emergency's cut reads nothing before it.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace hal9::http {

// The answer to `request` (the bytes of one request, its settings in it), which is for `operation`.
// Errors: usage, damaged (the request), those of the requests over HTTP.
Result<std::string> answer(std::string_view operation, std::string_view request);

}  // namespace hal9::http
