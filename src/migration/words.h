// The frozen words of every enumeration, in one place. Internal to this folder.
#pragma once

#include "migration/actor.h"
#include "migration/configuration.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/incident.h"
#include "migration/object.h"
#include "migration/phase.h"
#include "migration/raise.h"
#include "migration/rollback.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::migration {

// Words<E>::kAll[i] is the word of the enumerator with value i.
template <class E>
struct Words;

template <>
struct Words<AuthType> {
  static constexpr std::array<std::string_view, 4> kAll{"user", "unverified", "system", "unknown"};
};
template <>
struct Words<Role> {
  static constexpr std::array<std::string_view, 5> kAll{
      "viewer", "operator", "lead", "manager", "admin"
  };
};
template <>
struct Words<Via> {
  static constexpr std::array<std::string_view, 3> kAll{"cli", "server", "spool"};
};
template <>
struct Words<RouterKind> {
  static constexpr std::array<std::string_view, 5> kAll{
      "ledger-only", "haproxy", "exec", "http", "haproxy-weights"
  };
};
template <>
struct Words<GateName> {
  static constexpr std::array<std::string_view, 9> kAll{
      "spool",
      "halt",
      "router",
      "flat",
      "health",
      "triggers",
      "checkpoint",
      "watchdog",
      "restore",
  };
};
template <>
struct Words<GateOutcome> {
  static constexpr std::array<std::string_view, 4> kAll{
      "passed", "failed", "unknown", "not checked"
  };
};
template <>
struct Words<Phase> {
  static constexpr std::array<std::string_view, 6> kAll{
      "none", "shadow", "canary", "state-migration", "ramp-up", "full"
  };
};
template <>
struct Words<RollbackKind> {
  static constexpr std::array<std::string_view, 3> kAll{"immediate", "gradual", "emergency"};
};
template <>
struct Words<RollbackStatus> {
  static constexpr std::array<std::string_view, 4> kAll{
      "open", "completed", "superseded", "cancelled"
  };
};
template <>
struct Words<RaiseStatus> {
  static constexpr std::array<std::string_view, 2> kAll{"running", "paused"};
};
template <>
struct Words<RaiseEnd> {
  static constexpr std::array<std::string_view, 4> kAll{
      "completed", "aborted", "failed", "superseded"
  };
};

template <>
struct Words<Severity> {
  static constexpr std::array<std::string_view, 3> kAll{"minor", "major", "critical"};
};
template <>
struct Words<IncidentsBy> {
  static constexpr std::array<std::string_view, 3> kAll{"hand", "emergency", "rollback"};
};

template <>
struct Words<ObjectOf> {
  static constexpr std::array<std::string_view, 3> kAll{"reason", "annotation", "output"};
};

template <>
struct Words<HookOn> {
  static constexpr std::array<std::string_view, 2> kAll{"phase-end", "rollback-end"};
};
template <>
struct Words<HookEnd> {
  static constexpr std::array<std::string_view, 5> kAll{
      "succeeded", "failed", "timed out", "not started", "stopped"
  };
};

// Precondition: `value` is one of the enumerators.
template <class E>
std::string word_of(E value) {
  return std::string(Words<E>::kAll.at(static_cast<std::size_t>(value)));
}

template <class E>
std::optional<E> from_word(std::string_view word) {
  for (std::size_t i = 0; i < Words<E>::kAll.size(); ++i) {
    if (Words<E>::kAll.at(i) == word) return static_cast<E>(i);
  }
  return {};
}

}  // namespace hal9::migration
