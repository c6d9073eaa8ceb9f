#include "base/result.h"
#include "base/sha256.h"
#include "migration/codec.h"
#include "migration/codec_io.h"
#include "migration/codec_parts.h"  // IWYU pragma: keep (fields() found by argument)
#include "migration/codec_scan.h"
#include "migration/configuration.h"

#include <string>
#include <string_view>

namespace hal9::migration {

std::string encode_configuration(const Configuration& configuration) {
  return encode_fields(configuration);
}

Result<Configuration> decode_configuration(std::string_view json) {
  return decode_fields<Configuration>("configuration", json);
}

std::string encode_http_settings(const HttpSettings& settings) {
  return encode_fields(settings);
}

Result<HttpSettings> decode_http_settings(std::string_view json) {
  return decode_fields<HttpSettings>("settings of a router", json);
}

Digest digest_of(const Configuration& configuration) {
  return sha256(encode_configuration(configuration));
}

}  // namespace hal9::migration
