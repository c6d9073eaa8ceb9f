// How many of a thing there are, in words: "1 route", "3 routes". For nouns whose plural is an s.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hal9 {

inline std::string counted(std::size_t many, std::string_view noun) {
  std::string text = std::to_string(many) + " ";
  text += noun;
  if (many != 1) text += "s";
  return text;
}

}  // namespace hal9
