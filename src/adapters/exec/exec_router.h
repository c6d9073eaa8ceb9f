// A router behind a program: README.md of this folder says how the program is spoken to.
//
// Invariants: success is what the program's `read` shows afterwards, never what another operation
// answered; toward flat the minimum of what is read and what is asked is sent; each call of the
// program has its time, and it is killed behind it with all that it started. In an emergency the first
// thing that is done is `cut`. An answer that makes no sense names the program and claims nothing.
// One Router belongs to one thread.
#pragma once

#include "engine/router.h"
#include "migration/configuration.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hal9::exec {

struct Program {
  std::vector<std::string> command;  // not empty, the first an absolute path
  std::chrono::milliseconds timeout{5000};
  std::string settings;                  // handed on in each request; empty: none
  std::string description;               // for the first line of a mutation
  std::vector<std::string> break_glass;  // lines for the day without this program
  // Where it runs, whoever calls from wherever: hal9.yaml's. Empty: in this process's own.
  std::filesystem::path folder;
  // Named by somebody, and no part of this program: raises nothing where others could replace it
  // (system/program_trust.h). A way back asks for no such thing.
  bool named = false;
};

// Root runs no program that another user has named: whoever owns configuration.ledger.
std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, Program program
);

// The router kind exec; `folder` is hal9.yaml's. Precondition: configuration.exec.
std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, const std::filesystem::path& folder
);

}  // namespace hal9::exec
