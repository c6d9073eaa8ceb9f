// A program made a process: a group of its own, no signal handled or blocked as this process does, no
// descriptors but those that it is given. Thread-safe.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace hal9::system {

struct ProgramStart {
  std::vector<std::string> arguments;  // the first is its path
  std::vector<std::string> variables;  // its environment: "NAME=value"
  std::array<int, 3> streams{};        // what it has as 0, 1 and 2; none of them below 3
  int keeps = -1;                      // what it has as 3; -1: nothing
  std::filesystem::path folder;        // that it begins in; empty: this process's own
};

// 0 and its id, or errno's number and no process. `begins`, where there is one, is told the id before
// the program is let go: whoever is killed until then leaves none behind, however it is killed.
int start_program(ProgramStart start, const std::function<void(pid_t)>& begins, pid_t& id);

}  // namespace hal9::system
