// libFuzzer's entry of one target: HAL9_FUZZ_TARGET is its name.
#include "fuzz/target.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  hal9::fuzz::HAL9_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
