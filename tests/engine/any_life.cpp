// Lives by dice, and as one line of text that repeats them.
#include "engine/life.h"

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidcheck.h>

namespace hal9::engine {

namespace {

constexpr const char* kDoes[] = {"rollback", "resume", "emergency"};
constexpr const char* kBefalls[] = {"edit", "restart", "lost", "unreachable", "clock"};

template <std::size_t N>
std::uint8_t number_of(const char* const (&names)[N], const std::string& name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<std::uint8_t>(i);
  }
  throw std::runtime_error("a life knows no " + name);
}

std::uint32_t any(std::uint32_t below) {
  return *rc::gen::inRange<std::uint32_t>(0, below);
}

// Small numbers as often as large ones: most is decided in the first calls and in the last.
std::uint32_t any_call() {
  const std::uint32_t magnitude = any(9);
  return (1U << magnitude) + any(1U << magnitude);
}

Act any_act(bool calm, std::uint32_t routes) {
  Act act;
  const auto kind = any(10);
  if (kind > 6) act.does = kind == 9 ? Does::emergency : Does::resume;
  act.at_ms = any(8) < 3 ? any(40) : any(8'000);
  if (!calm && any(2) == 1) act.dies_at = any_call();
  if (act.does != Does::rollback) return act;
  for (std::uint32_t i = 0; i < routes; ++i) {
    if (any(2) == 1) act.routes.push_back(i);
  }
  if (any(3) == 1) act.percent = any(60);
  constexpr std::uint32_t kTimes[] = {0, 0, 700, 3'000, 9'000, 30'000};
  act.over_ms = kTimes[any(6)];
  return act;
}

Blow any_blow(bool calm, std::uint32_t routes) {
  // Only what a calm executor has an answer to.
  constexpr Befalls kCalm[] = {Befalls::edit, Befalls::restart};
  Blow blow;
  blow.what = calm ? kCalm[any(2)] : static_cast<Befalls>(any(5));
  blow.at_ms = any(10'000);
  blow.which = any(2 * routes);
  const bool clock = blow.what == Befalls::clock && any(2) == 1;
  blow.value = 1 + any(clock ? 40'000'000 : 99);
  return blow;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

std::vector<std::uint32_t> numbers(const std::string& text) {
  std::vector<std::uint32_t> all;
  for (const auto& part : split(text, ',')) {
    all.push_back(static_cast<std::uint32_t>(std::stoul(part)));
  }
  return all;
}

}  // namespace

Life any_life(bool calm) {
  Life life;
  life.calm = calm;
  life.seed = any(1'000'000'000);
  const auto routes = 1 + any(3);
  for (std::uint32_t i = 0; i < routes; ++i) life.shares.push_back(any(81));
  const auto acts = 1 + any(4);
  for (std::uint32_t i = 0; i < acts; ++i) life.acts.push_back(any_act(calm, routes));
  const auto blows = any(4);
  for (std::uint32_t i = 0; i < blows; ++i) life.blows.push_back(any_blow(calm, routes));
  return life;
}

// calm seed shares [does at dies routes percent over]... [what at which value]..., by blanks.
std::string to_text(const Life& life) {
  std::string text =
      fmt::format("{} {} {}", life.calm ? 1 : 0, life.seed, fmt::join(life.shares, ","));
  for (const Act& act : life.acts) {
    text += fmt::format(
        " {}/{}/{}/{}/{}/{}",
        kDoes[static_cast<std::size_t>(act.does)],
        act.at_ms,
        act.dies_at,
        fmt::join(act.routes, ","),
        act.percent,
        act.over_ms
    );
  }
  for (const Blow& blow : life.blows) {
    text += fmt::format(
        " {}/{}/{}/{}",
        kBefalls[static_cast<std::size_t>(blow.what)],
        blow.at_ms,
        blow.which,
        blow.value
    );
  }
  return text;
}

Life parse_life(const std::string& text) {
  const auto words = split(text, ' ');
  if (words.size() < 3) throw std::runtime_error("a life is: calm seed shares acts and blows");
  Life life;
  life.calm = words[0] == "1";
  life.seed = std::stoull(words[1]);
  life.shares = numbers(words[2]);
  for (std::size_t i = 3; i < words.size(); ++i) {
    const auto parts = split(words[i], '/');
    const auto number = [&](std::size_t at) {
      return static_cast<std::uint32_t>(std::stoul(parts.at(at)));
    };
    if (parts.size() == 6) {
      life.acts.push_back(
          {static_cast<Does>(number_of(kDoes, parts[0])),
           number(1),
           number(2),
           numbers(parts[3]),
           number(4),
           number(5)}
      );
    } else {
      life.blows.push_back(
          {static_cast<Befalls>(number_of(kBefalls, parts.at(0))), number(1), number(2), number(3)}
      );
    }
  }
  return life;
}

}  // namespace hal9::engine
