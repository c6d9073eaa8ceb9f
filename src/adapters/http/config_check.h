// For `config check` of the router kind http: what keeps a cut from working, as far as it is seen without
// a request. Reads the token's file by the rules of the program that sends it. Thread safe.
#pragma once

#include "migration/configuration.h"

#include <string>
#include <vector>

namespace hal9::http {

struct ConfigCheck {
  std::vector<std::string> refusals;  // sentences: no cut could work
  std::vector<std::string> warnings;  // sentences
  std::string next;  // what to type about a refusal; empty: hal9.yaml has to change
};

// Precondition: configuration.http.
ConfigCheck check(const migration::Configuration& configuration);

}  // namespace hal9::http
