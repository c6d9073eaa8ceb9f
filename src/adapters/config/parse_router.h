// The members of `router` that belong to the kinds exec and http.
//
// Throws Refused, as everything in this folder below parse() does.
#pragma once

#include "adapters/config/section.h"
#include "adapters/config/yaml.h"
#include "migration/configuration.h"

#include <filesystem>
#include <string>
#include <vector>

namespace hal9::config {

// The names of the members, for the list of what `router` knows.
const std::vector<std::string>& members_of_haproxy();
const std::vector<std::string>& members_of_exec_and_http();
const std::vector<std::string>& members_of_weights();

// Reads them where the kind has them, and refuses them where it has not.
void read_exec_and_http(
    const Section& router, const std::filesystem::path& file, migration::Configuration& into
);

// A program and its arguments: looked for nowhere, since what a PATH says at night is not what it said
// when this was written.
std::vector<std::string> command_of(const YamlNode& node, const std::string& path);

// Paths are relative to the file's folder, so that any working directory gives the same ones.
std::string absolute(const std::string& path, const std::filesystem::path& file);

}  // namespace hal9::config
