// libFuzzer's entry of one target: HAL9_FUZZ_TARGET is its name.
#include "fuzz/target.h"  // IWYU pragma: keep (the target is named by the build)

#include <cstddef>
#include <cstdint>

#ifndef HAL9_FUZZ_TARGET
#define HAL9_FUZZ_TARGET line
#endif

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  hal9::fuzz::HAL9_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
