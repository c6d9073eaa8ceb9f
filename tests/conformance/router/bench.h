// What the suite needs of a router that it holds to the port's contract: a new router is one class
// that is derived from this, one function that makes it, and one line in router_suite.cpp.
#pragma once

#include "engine/router.h"
#include "migration/amounts.h"

#include <memory>
#include <vector>

namespace hal9::testing {

// A router with what stands behind it.
class Bench {
 public:
  Bench() = default;
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  virtual ~Bench() = default;

  virtual engine::Router& router() = 0;
  // Another Router on the same thing, as another process has one; it has not read anything.
  virtual std::unique_ptr<engine::Router> another() = 0;
  // What the ledger would do with a result.
  virtual void keep(const std::vector<migration::RouteAmount>& /*observed*/) {}
  virtual void keep(const std::vector<migration::FeatureAmount>& /*observed*/) {}
  // Whether a cut says what stood there before it.
  [[nodiscard]] virtual bool tells_before() const { return true; }
};

std::unique_ptr<Bench> make_haproxy_bench();
std::unique_ptr<Bench> make_weight_bench();  // HAProxy by server weights, a pool a route
std::unique_ptr<Bench> make_ledger_only_bench();
std::unique_ptr<Bench> make_exec_bench();        // a program that can do everything
std::unique_ptr<Bench> make_exec_least_bench();  // one that can set shares, and nothing else
std::unique_ptr<Bench> make_kubectl_bench();     // tools/routers/kubectl-gateway
std::unique_ptr<Bench> make_caddy_bench();       // the router kind http

}  // namespace hal9::testing
