// YAML without its surprises: a tree of scalars, lists and sections with the place of each.
//
// Refused, each with line and column: duplicates, anchors, aliases, tags, more than one document,
// too deep or too many nodes, bytes that are not UTF-8. Nothing is converted: whether `no` is a
// word is decided by who reads the scalar. Pure; no state between calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::config {

// Counted from 1; line 0: the file as a whole.
struct Place {
  int line = 0;
  int column = 0;
};

struct Member;

struct YamlNode {
  enum class Kind : std::uint8_t { empty, scalar, list, section };
  Kind kind = Kind::empty;
  Place place;
  std::string text;     // of a scalar
  bool quoted = false;  // "..." or '...'
  std::vector<YamlNode> items;
  std::vector<Member> members;  // keys are scalars, each once
};

struct Member {
  YamlNode key;
  YamlNode value;
};

// Leaves the adapter as an Error only: caught by parse() and read_yaml().
struct Refused {
  Place place;
  std::string why;
};

// `text` with lines that are comments as a whole left empty, so that every place stays where it was:
// most of a commented hal9.yaml, over which yaml-cpp takes longer than over the rest. As it is where
// such a line could be text: with a block scalar, or a quote that is not closed on its line.
std::string blank_comments(std::string_view text);

// Throws Refused.
YamlNode read_yaml(std::string_view text);

// What YAML 1.1 or 1.2 reads as no text: null, a boolean, a number.
bool reads_as_no_text(std::string_view plain);

}  // namespace hal9::config
