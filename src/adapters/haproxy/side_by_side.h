// Asks several balancers at once: one that hangs costs the others nothing.
#pragma once

#include "adapters/haproxy/balancer.h"

#include <cstddef>
#include <optional>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace hal9::haproxy {

// Calls `ask` once for each balancer, each on a thread of its own (the first one on this thread: a
// single balancer needs no other). Returns the results in the balancers' order. `ask` must bear
// being called from several threads and throw nothing. No thread to be had: asked one by one.
template <class Ask>
auto side_by_side(const std::vector<Balancer>& balancers, const Ask& ask) {
  using Answer = std::invoke_result_t<const Ask&, const Balancer&>;
  std::vector<std::optional<Answer>> answers(balancers.size());
  {
    std::vector<std::jthread> threads;
    std::vector<std::size_t> left;
    for (std::size_t i = 1; i < balancers.size(); ++i) {
      try {
        threads.emplace_back([&, i] { answers[i].emplace(ask(balancers[i])); });
      } catch (const std::system_error&) {
        left.push_back(i);
      }
    }
    if (!balancers.empty()) answers[0].emplace(ask(balancers[0]));
    for (const auto i : left) answers[i].emplace(ask(balancers[i]));
  }
  std::vector<Answer> collected;
  collected.reserve(answers.size());
  for (auto& answer : answers) collected.push_back(std::move(*answer));
  return collected;
}

}  // namespace hal9::haproxy
