// For `config check`: what each HAProxy that runs says of the configuration. Changes nothing.
//
// A HAProxy that does not answer now is a warning: it may be down, or on another machine than this one.
// What one that answers does not have (a map, a backend, its kill switch) is a refusal: a cut, or the look
// that has to follow it, cannot work there. Thread safe.
#pragma once

#include "migration/configuration.h"

#include <string>
#include <vector>

namespace hal9::haproxy {

struct LiveCheck {
  std::vector<std::string> refusals;  // sentences
  std::vector<std::string> warnings;  // the same
};

// Of the router kind haproxy.
LiveCheck check_live(const migration::Configuration& configuration);

}  // namespace hal9::haproxy
