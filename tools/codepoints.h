// A walk over the characters of text that is known to be UTF-8 (it passed an escaper).
#pragma once

#include <cstddef>
#include <string_view>

namespace hal9::tools {

// Calls visit(character, its bytes) for each. Never reads outside of `text`: a byte that does not
// begin a whole character is taken as a character of its own.
template <class Visit>
void for_each_codepoint(std::string_view text, Visit visit) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (at + length > text.size()) length = 1;
    char32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t next = 1; next < length; ++next) {
      point = (point << 6U) | (static_cast<unsigned char>(text[at + next]) & 0x3FU);
    }
    visit(point, text.substr(at, length));
    at += length;
  }
}

}  // namespace hal9::tools
