#include "base/escape.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace hal9 {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Decoded {
  char32_t point = 0;
  std::size_t length = 0;
};

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// One well-formed UTF-8 sequence (Unicode 15, table 3-7) at `at`, or nothing.
std::optional<Decoded> decode(std::string_view text, std::size_t at) {
  const std::uint8_t first = byte_at(text, at);
  if (first < 0x80) return Decoded{first, 1};
  std::size_t length = 0;
  char32_t point = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    point = first & 0x1FU;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    point = first & 0x0FU;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    point = first & 0x07U;
  } else {
    return {};
  }
  if (at + length > text.size()) return {};
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint8_t next = byte_at(text, at + i);
    if ((next & 0xC0U) != 0x80U) return {};
    point = (point << 6U) | (next & 0x3FU);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (overlong || surrogate || point > 0x10FFFF) return {};
  return Decoded{point, length};
}

// What can move a cursor, hide or reorder text.
bool hostile_on_a_terminal(char32_t point) {
  const bool control = point < 0x20 || (point >= 0x7F && point <= 0x9F);
  const bool separator = point == 0x2028 || point == 0x2029;
  const bool bidi = point == 0x061C || point == 0x200E || point == 0x200F ||
                    (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
  const bool invisible = point == 0xFEFF || (point >= 0xE0000 && point <= 0xE007F);
  return control || separator || bidi || invisible;
}

void append_json(std::string& out, char32_t point, std::string_view bytes) {
  switch (point) {
    case U'"':
      out += "\\\"";
      return;
    case U'\\':
      out += "\\\\";
      return;
    case U'\b':
      out += "\\b";
      return;
    case U'\f':
      out += "\\f";
      return;
    case U'\n':
      out += "\\n";
      return;
    case U'\r':
      out += "\\r";
      return;
    case U'\t':
      out += "\\t";
      return;
    default:
      if (point < 0x20) {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
      } else {
        out += bytes;
      }
  }
}

// ASCII that stands in a JSON string as it is: nearly all that is ever written.
bool plain_in_json(char c) {
  return c >= ' ' && c != '"' && c != '\\';
}

bool plain_in_a_shell(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
}

}  // namespace

std::string escape_terminal(std::string_view text, bool keep_newlines) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = decode(text, at);
    if (!decoded) {
      out += kReplacement;
      ++at;
      continue;
    }
    if (hostile_on_a_terminal(decoded->point) && !(keep_newlines && decoded->point == U'\n')) {
      out += fmt::format("\\u{{{:X}}}", static_cast<unsigned>(decoded->point));
    } else {
      out += text.substr(at, decoded->length);
    }
    at += decoded->length;
  }
  return out;
}

std::string escape_json(std::string_view text) {
  if (std::ranges::all_of(text, plain_in_json)) return std::string(text);
  std::string out;
  out.reserve(text.size() + 8);
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = decode(text, at);
    if (!decoded) {
      out += kReplacement;
      ++at;
      continue;
    }
    append_json(out, decoded->point, text.substr(at, decoded->length));
    at += decoded->length;
  }
  return out;
}

std::string escape_csv(std::string_view text) {
  std::string field;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    field = "'";
  }
  field += text;
  if (field.find_first_of("\",\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string escape_shell(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, plain_in_a_shell)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

bool is_utf8(std::string_view bytes) {
  const auto ascii = [](char c) { return static_cast<std::uint8_t>(c) < 0x80; };
  for (std::size_t at = 0; at < bytes.size();) {
    if (ascii(bytes[at])) {
      ++at;
      continue;
    }
    const auto decoded = decode(bytes, at);
    if (!decoded) return false;
    at += decoded->length;
  }
  return true;
}

std::string to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = decode(text, at);
    out += decoded ? text.substr(at, decoded->length) : kReplacement;
    at += decoded ? decoded->length : 1;
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  const std::string mark = fmt::format("... ({} bytes in all)", text.size());
  const bool room = mark.size() < limit;
  return std::string(first_bytes(text, room ? limit - mark.size() : limit)) +
         (room ? mark : std::string());
}

std::string_view first_bytes(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t keep = limit;
  // Back to the first byte of a character.
  while (keep > 0 && (byte_at(text, keep) & 0xC0U) == 0x80U) --keep;
  return text.substr(0, keep);
}

}  // namespace hal9
