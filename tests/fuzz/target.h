// What is fuzzed: each decoder that reads bytes of others. A target takes any bytes, and ends the
// process when a promise of the decoder is broken; that it does not crash by itself is the least of
// them. The same functions run under libFuzzer (preset fuzz, run.sh) and over kept inputs in every
// test run (replay.sh).
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace hal9::fuzz {

void line(std::string_view bytes);           // ledger::decode and encode
void data(std::string_view bytes);           // the JSON of a line's data
void lines_check(std::string_view bytes);    // an export, with redacted lines
void note(std::string_view bytes);           // signed notes, tree heads, verifier keys
void proof(std::string_view bytes);          // inclusion and consistency
void seal(std::string_view bytes);           // seals, rotations, the signing key's file
void object(std::string_view bytes);         // packed objects
void codec(std::string_view bytes);          // commands, facts, states, configurations
void configuration(std::string_view bytes);  // hal9.yaml
void values(std::string_view bytes);         // times, durations, shares, names, ids
void answers(std::string_view bytes);        // HAProxy's stats socket
void spool(std::string_view bytes);          // what an emergency left behind
void words(std::string_view bytes);          // the command line

// The promise did not hold: said, and the process ends as a crash that libFuzzer keeps.
inline void demand(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace hal9::fuzz
