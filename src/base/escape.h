// One escaper a sink. Text from a ledger, a router or a person is hostile until it went through the
// escaper of the place where it is shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hal9 {

// For a terminal: C0, DEL, C1, U+2028/9 and the bidirectional controls become `\u{XX}`; a newline
// stays only if `keep_newlines`; bytes that are not UTF-8 become U+FFFD.
std::string escape_terminal(std::string_view text, bool keep_newlines = false);

// The inside of a JSON string (RFC 8259 section 7) in the ledger's one form: `\"`, `\\`, and
// `\u00xx` for C0 with the short forms \b \f \n \r \t; everything else as it is. Bytes that are not
// UTF-8 become U+FFFD, so that a line is always valid.
std::string escape_json(std::string_view text);

// A CSV field (RFC 4180): quoted where needed; a leading `= + - @` TAB or CR gets an apostrophe in
// front, since spreadsheets run it as a formula.
std::string escape_csv(std::string_view text);

// One argument of a POSIX shell line, quoted only where needed.
std::string escape_shell(std::string_view text);

// True if the bytes are well-formed UTF-8 (no surrogates, no overlong forms, <= U+10FFFF).
bool is_utf8(std::string_view bytes);

// The same text with bytes that are not UTF-8 replaced by U+FFFD.
std::string to_utf8(std::string_view text);

// At most `limit` bytes of `text`, cut at a character's edge; what was cut is said in the text
// itself ("... (N bytes in all)"), within the limit.
std::string shorten(std::string_view text, std::size_t limit);

// The first bytes of `text`, `limit` at most, cut at a character's edge; nothing is said of the cut.
std::string_view first_bytes(std::string_view text, std::size_t limit);

}  // namespace hal9
