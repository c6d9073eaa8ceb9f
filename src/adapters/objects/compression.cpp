#include "adapters/objects/compression.h"

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <zstd.h>

namespace hal9::objects {

namespace {

constexpr int kLevel = 3;

}  // namespace

std::size_t packed_bound(std::size_t content_bytes) {
  return ZSTD_compressBound(content_bytes);
}

Result<std::string> pack(std::string_view content) {
  std::string packed(packed_bound(content.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), kLevel);
  if (ZSTD_isError(size) != 0) {
    return fail(Code::failed, "the object cannot be compressed", ZSTD_getErrorName(size));
  }
  packed.resize(size);
  return packed;
}

std::optional<std::string> unpack(std::string_view packed, std::size_t most) {
  const unsigned long long said = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (said == ZSTD_CONTENTSIZE_UNKNOWN || said == ZSTD_CONTENTSIZE_ERROR || said > most) return {};
  // A frame behind the first one would be unpacked too.
  if (ZSTD_findFrameCompressedSize(packed.data(), packed.size()) != packed.size()) return {};
  std::string content(said, '\0');
  const std::size_t size =
      ZSTD_decompress(content.data(), content.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0 || size != content.size()) return {};
  return content;
}

}  // namespace hal9::objects
