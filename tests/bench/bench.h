// What the rows of the table share: times, medians, ours and raw by turns, a line of the table.
//
// Machines are noisy: a row is the median of ratios, each of two runs that met the same disk one
// behind the other. A row ends no test; it is for reading.
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace hal9::bench {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
  return std::move(*result);
}
inline void must(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
}

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The value below which `part` of the values lie; 0.5 is the median. Precondition: not empty.
double quantile(std::vector<double> values, double part);

struct Wanted {
  bool at_least = true;
  double ratio = 0;
};

// Runs both `rounds` times, the first by turns, and prints the row
// `name|median of ours|median of raw|median ratio|wanted|holds`. Each gives its figure (a rate or a
// duration); it is told the number of the round.
using Figure = std::function<double(std::uint64_t round)>;
void compare(
    const std::string& name,
    std::uint64_t rounds,
    Wanted wanted,
    const Figure& ours,
    const Figure& raw
);
// One row from figures that were taken elsewhere.
void print_row(const std::string& name, double ours, double raw, double ratio, Wanted wanted);
// A line under the table.
void remark(const std::string& text);

struct Ran {
  double seconds = 0;
  long resident_kib = 0;  // at its largest
};
// A whole process, its output thrown away. Throws when it does not end with 0.
Ran run_process(const std::vector<std::string>& words);
std::string own_path();

// The rows, by file.
struct Places {
  std::filesystem::path folder;  // on the disk to measure
  std::filesystem::path binary;  // hal9-migrate
  std::uint64_t events = 1'000'000;
  std::uint64_t rounds = 7;
};
void append_rows(const Places& places);
void group_row(const Places& places);
void processes_row(const Places& places);
int processes_worker(const std::filesystem::path& file, double seconds, std::uint64_t number);
// These need the long ledger, which make_long_ledger made.
void replay_row(const Places& places, const std::filesystem::path& ledger);
void verify_row(const Places& places, const std::filesystem::path& ledger);
void as_of_row(const Places& places, const std::filesystem::path& ledger);
void bytes_row(const Places& places, const std::filesystem::path& ledger);
void start_row(const Places& places, const std::filesystem::path& ledger);
int raw_scan(const std::filesystem::path& ledger);

}  // namespace hal9::bench
