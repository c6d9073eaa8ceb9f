// Asks several balancers at once: one that hangs costs the others nothing.
#pragma once

#include "adapters/haproxy/balancer.h"
#include "base/result.h"
#include "engine/router.h"

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace hal9::haproxy {

// An answer that is no error as a whole: it lists its problems beside what worked.
template <class Answer>
inline constexpr bool kKeepsParts =
    std::is_same_v<Answer, BalancerCut> || std::is_same_v<Answer, engine::EndedSessions>;

// `One`: Balancer, or whatever has a name() and is asked in the same way.
// What a balancer's answer is when asking it threw: an exception that left a thread would end the
// process in the middle of an emergency. No memory for the sentence: an error without one.
template <class Answer, class One>
Answer answer_of_failure(const One& balancer, std::string_view why) noexcept {
  Answer answer = [] {
    if constexpr (kKeepsParts<Answer>) {
      return Answer{};
    } else {
      return Answer{tl::unexpected(Error{Code::failed, {}, {}, {}, {}})};
    }
  }();
  try {
    auto what = "balancer " + balancer.name() + " could not be asked";
    if constexpr (kKeepsParts<Answer>) {
      answer.problems.push_back(what + ": " + std::string{why});
    } else {
      answer.error().why = why;
      answer.error().what = std::move(what);
    }
  } catch (...) {
    return answer;
  }
  return answer;
}

template <class Ask, class One>
auto ask_safely(const Ask& ask, const One& balancer) noexcept {
  using Answer = std::invoke_result_t<const Ask&, const One&>;
  try {
    return ask(balancer);
  } catch (const std::exception& error) {
    return answer_of_failure<Answer>(balancer, error.what());
  } catch (...) {
    return answer_of_failure<Answer>(balancer, "unknown");
  }
}

// Calls `ask` once for each balancer, each on a thread of its own (the first one on this thread: a
// single balancer needs no other). Returns the results in the balancers' order; what `ask` throws
// becomes the error of its balancer. `ask` must bear being called from several threads and return a
// Result, a BalancerCut or EndedSessions. No thread to be had: asked one by one.
template <class Ask, class One>
auto side_by_side(const std::vector<One>& balancers, const Ask& ask) {
  using Answer = std::invoke_result_t<const Ask&, const One&>;
  std::vector<std::optional<Answer>> answers(balancers.size());
  std::vector<Answer> collected;
  collected.reserve(answers.size());
  {
    std::vector<std::size_t> left;
    left.reserve(balancers.size());
    std::vector<std::jthread> threads;
    threads.reserve(balancers.size());
    for (std::size_t i = 1; i < balancers.size(); ++i) {
      try {
        threads.emplace_back([&, i] { answers[i].emplace(ask_safely(ask, balancers[i])); });
      } catch (const std::exception&) {
        left.push_back(i);
      }
    }
    if (!balancers.empty()) answers[0].emplace(ask_safely(ask, balancers[0]));
    for (const auto i : left) answers[i].emplace(ask_safely(ask, balancers[i]));
  }
  for (auto& answer : answers) {
    if (answer) collected.push_back(std::move(*answer));  // each was asked: every one is there
  }
  return collected;
}

}  // namespace hal9::haproxy
