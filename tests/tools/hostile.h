// Strings that have hurt somebody: what a ledger, a router or a person may hand us.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hal9::tools {

inline std::vector<std::string> hostile() {
  return {
      "\x1b[2J\x1b[Hnothing happened",  // clears the screen
      "\x1b]0;title\x07",               // sets the terminal's title
      "ok\r✗ failed",                   // draws over the line
      "row\nrow",                       // makes a second row
      "=cmd|' /C calc'!A0",             // a spreadsheet's formula
      "+1+1",
      "-1+1",
      "@SUM(A1)",
      "\t=1",  // more of them
      ("\xC2\x9B"
       "31m"),  // C1 CSI
      ("\xE2\x80\xAE"
       "txt.exe"),         // right-to-left override
      "\xE2\x80\xA8line",  // U+2028
      "\xff\xfe broken",   // no UTF-8
      std::string("nul\0nul", 7),
      "a\"b,c\\d",
      "\x7f\x08",
      "日本語 😀",
  };
}

// No byte of C0 (but the newline), DEL, no C1, no U+2028/9, no bidirectional control.
inline bool harmless(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7F) return false;
    if (byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0) {
      return false;
    }
  }
  for (const char* bad :
       {"\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAE", "\xE2\x80\xAD", "\xE2\x81\xA6"}) {
    if (text.find(bad) != std::string::npos) return false;
  }
  return true;
}

}  // namespace hal9::tools
