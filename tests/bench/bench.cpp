#include "bench.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hal9::bench {

namespace {

std::string number(double value) {
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

}  // namespace

double quantile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size()));
  return values.at(std::min(at, values.size() - 1));
}

void print_row(const std::string& name, double ours, double raw, double ratio, Wanted wanted) {
  const bool holds = wanted.at_least ? ratio >= wanted.ratio : ratio <= wanted.ratio;
  fmt::print(
      "{}|{}|{}|{:.2f}|{} {:.2f}|{}\n",
      name,
      number(ours),
      number(raw),
      ratio,
      wanted.at_least ? ">=" : "<=",
      wanted.ratio,
      holds ? "yes" : "NO"
  );
  std::fflush(stdout);
}

void remark(const std::string& text) {
  fmt::print("# {}\n", text);
  std::fflush(stdout);
}

void compare(
    const std::string& name,
    std::uint64_t rounds,
    Wanted wanted,
    const Figure& ours,
    const Figure& raw
) {
  std::vector<double> our_figures;
  std::vector<double> raw_figures;
  std::vector<double> ratios;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const bool ours_first = round % 2 == 0;
    if (ours_first) our_figures.push_back(ours(round));
    raw_figures.push_back(raw(round));
    if (!ours_first) our_figures.push_back(ours(round));
    ratios.push_back(our_figures.back() / raw_figures.back());
  }
  print_row(
      name, quantile(our_figures, 0.5), quantile(raw_figures, 0.5), quantile(ratios, 0.5), wanted
  );
}

Ran run_process(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto begin = std::chrono::steady_clock::now();
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error(words.front() + " cannot be started");
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child || status != 0) {
    throw std::runtime_error(fmt::format("{} ended with status {}", words.front(), status));
  }
  return {seconds_since(begin), usage.ru_maxrss};
}

std::string own_path() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace hal9::bench
