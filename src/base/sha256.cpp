#include "base/sha256.h"

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace hal9 {

namespace {

// Fetched once: looking the digest up costs more than hashing a short line.
const EVP_MD* fetched() {
  static EVP_MD* const kDigest = [] {
    // Every command is a process: reading openssl.cnf costs it more than what it hashes, and there is
    // nothing in that file that SHA-256 depends on.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return EVP_MD_fetch(nullptr, "SHA256", nullptr);
  }();
  return kDigest;
}

EVP_MD_CTX* context() {
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> kOwned(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free
  );
  return kOwned.get();
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

Digest sha256(std::initializer_list<std::string_view> parts) {
  Digest digest{};
  EVP_MD_CTX* const hashing = context();
  EVP_DigestInit_ex2(hashing, fetched(), nullptr);
  for (const std::string_view part : parts) EVP_DigestUpdate(hashing, part.data(), part.size());
  EVP_DigestFinal_ex(hashing, digest.data(), nullptr);
  return digest;
}

std::string to_hex(const Digest& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const std::uint8_t byte : digest) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 15U]);
  }
  return text;
}

Result<Digest> parse_digest(std::string_view hex) {
  Digest digest{};
  if (hex.size() != digest.size() * 2) {
    return fail(Code::usage, "a digest has 64 hexadecimal digits");
  }
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return fail(Code::usage, "a digest has 64 hexadecimal digits");
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

}  // namespace hal9
