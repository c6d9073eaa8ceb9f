// Clock, randomness and waiting: the only way for the engine to any of them.
#pragma once

#include "base/id.h"
#include "base/time.h"

#include <chrono>

namespace hal9::engine {

class Environment {
 public:
  virtual ~Environment() = default;
  virtual Time now() = 0;  // wall clock, UTC
  virtual std::chrono::steady_clock::time_point steady() = 0;
  virtual Bytes16 random() = 0;  // from the kernel
  // Waits; returns early, with true, when the person asked to stop (Ctrl-C, SIGTERM).
  virtual bool wait(Micros duration) = 0;
  virtual bool interrupted() = 0;
};

}  // namespace hal9::engine
