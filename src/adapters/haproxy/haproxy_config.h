// What a user puts into an existing HAProxy: the lines, the maps and the Lua file, made from the
// configuration (`router haproxy-config`). Pure text; the command writes the files.
#pragma once

#include "base/result.h"
#include "migration/configuration.h"

#include <string>
#include <vector>

namespace hal9::haproxy {

struct GeneratedFile {
  std::string name;  // relative to the folder of maps: "share.map", "mirror.lua"
  std::string content;
};

struct Generated {
  std::string lines;                 // global, frontend and backend parts, commented
  std::vector<GeneratedFile> files;  // maps at share 0, kill 0, and the Lua file
};

Result<Generated> generate(const migration::Configuration& configuration);

}  // namespace hal9::haproxy
