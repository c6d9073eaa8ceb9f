// `hooks:` of hal9.yaml. Internal to this folder.
#pragma once

#include "adapters/config/section.h"
#include "migration/configuration.h"

namespace hal9::config {

// Errors: Refused, with its place: a name twice, no absolute path, a phase that is none.
void read_hooks(const Section& root, migration::Configuration& into);

}  // namespace hal9::config
