// The members of `router` that belong to the kind haproxy-weights: its pools name routes, so they are
// read behind `routes`.
//
// Throws Refused, as everything in this folder below parse() does.
#pragma once

#include "adapters/config/section.h"
#include "migration/configuration.h"

#include <filesystem>

namespace hal9::config {

// Precondition: `into` has its balancers, regions and components. Nothing for other kinds.
void read_weights(
    const Section& router, const std::filesystem::path& file, migration::Configuration& into
);

}  // namespace hal9::config
