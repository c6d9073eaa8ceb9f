// Reads tests/corpus/hostile.json (README.md there): the strings every reader and escaper is held
// to. A broken corpus throws, so that a test over it cannot pass by seeing nothing.
#pragma once

#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace hal9::tests {

struct Hostile {
  std::string kind;
  std::string name;
  std::string bytes;
  bool utf8 = true;

  // For SCOPED_TRACE: which one it was.
  [[nodiscard]] std::string title() const { return kind + "/" + name; }
};

inline std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// Every entry, or those of one kind.
inline std::vector<Hostile> hostile(std::string_view kind = {}) {
  std::ifstream file(std::string(HAL9_SOURCE_DIR) + "/tests/corpus/hostile.json");
  std::vector<Hostile> entries;
  for (const auto& row : nlohmann::json::parse(file)) {
    Hostile entry{row.at("kind"), row.at("name"), {}, !row.contains("hex")};
    if (!kind.empty() && entry.kind != kind) continue;
    if (entry.utf8) {
      const auto text = row.at("text").get<std::string>();
      for (int times = row.value("times", 1); times > 0; --times) entry.bytes += text;
    } else {
      entry.bytes = bytes_of_hex(row.at("hex").get<std::string>());
    }
    entries.push_back(entry);
  }
  if (entries.empty()) throw std::runtime_error("no hostile string of kind " + std::string(kind));
  return entries;
}

}  // namespace hal9::tests
