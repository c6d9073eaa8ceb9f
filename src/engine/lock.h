// A lock between processes, with a bounded wait. raise.lock is held by every raise over look and
// write; executor.lock by the one process that runs a ramp.
#pragma once

#include "base/result.h"

#include <chrono>
#include <memory>

namespace hal9::engine {

class Lock {
 public:
  class Held {
   public:
    virtual ~Held() = default;  // releases
  };
  virtual ~Lock() = default;
  // Error: locked after `wait`; failed or read_only if the lock file cannot be made.
  virtual Result<std::unique_ptr<Held>> acquire(std::chrono::milliseconds wait) = 0;
};

}  // namespace hal9::engine
