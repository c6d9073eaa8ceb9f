// What the tests of seals begin with: a World with a witness.
#pragma once

#include "adapters/memory/memory_store.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/world.h"
#include "migration/commands.h"

#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace hal9::engine {

inline bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

class Seals : public ::testing::Test {
 protected:
  Seals() { world_.sealed->has_witness = true; }

  SealView seal() {
    auto sealed = world_.process()->seal();
    if (!sealed) throw std::runtime_error(sealed.error().what + ": " + sealed.error().why);
    return std::move(*sealed);
  }
  void note(const std::string& text) {
    migration::Annotate annotation;
    annotation.text = text;
    ASSERT_TRUE(world_.process()->annotate(world_.asker, annotation));
  }
  VerifyView verify() {
    auto view = world_.process()->verify();
    if (!view) throw std::runtime_error(view.error().what);
    return std::move(*view);
  }
  // Another ledger of the same name, with fewer events, where this one was.
  void put_back_an_older_file() {
    world_.ledger = memory::make_store("test");
    ASSERT_TRUE(world_.process()->open_migration(world_.asker));
  }
  void rotate() {
    auto keys = world_.process()->rotate_key(world_.asker);
    ASSERT_TRUE(keys) << keys.error().what << ": " << keys.error().why;
  }

  World world_;
};

}  // namespace hal9::engine
