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

// What belongs to one haproxy.cfg. Where the map files lie on another machine they hold kill 1, and
// stay so: a restart of that HAProxy sends everybody to flat.
struct GeneratedSet {
  std::vector<std::string> balancers;  // names of those that have it
  std::string folder;                  // of the maps, as HAProxy knows it
  bool elsewhere = false;
  std::string lines;                 // global, frontend and backend parts, commented
  std::vector<GeneratedFile> files;  // maps at share 0, kill 0 or 1, and the Lua file
};

struct Generated {
  std::string lines;                 // of the first set
  std::vector<GeneratedFile> files;  // the same
  std::vector<GeneratedSet> sets;    // one for each folder of maps, in the balancers' order
};

Result<Generated> generate(const migration::Configuration& configuration);

}  // namespace hal9::haproxy
