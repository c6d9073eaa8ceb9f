// A section of the configuration while it is read: members by name, strict types, and for each
// mistake the place, what is wanted there and the nearest known name.
//
// Throws Refused; lives as long as the tree that it looks at.
#pragma once

#include "adapters/config/yaml.h"
#include "base/name.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hal9::config {

class Section {
 public:
  // `path` is what the messages call it: "router.servers"; empty for the file as a whole. Refuses a
  // node that is no section, and members that are not in `known`.
  Section(const YamlNode& node, std::string path, const std::vector<std::string>& known);

  [[nodiscard]] const YamlNode* find(const std::string& name) const;  // null: absent
  [[nodiscard]] const YamlNode& require(const std::string& name) const;

  // The section `name`; where it is absent, one without members.
  [[nodiscard]] Section section(const std::string& name, const std::vector<std::string>& known)
      const;
  // Text that is not empty and holds no control character.
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& name) const;
  // A plain whole number in `from`..`to`; none where it is absent.
  [[nodiscard]] std::optional<std::uint64_t> number(
      const std::string& name, std::uint64_t from, std::uint64_t to
  ) const;
  // As parse_duration() takes it, in `least`..`most`; none where it is absent.
  [[nodiscard]] std::optional<Micros> duration(const std::string& name, Micros least, Micros most)
      const;
  // One of `words`; `fallback` where it is absent.
  [[nodiscard]] std::string word(
      const std::string& name, const std::vector<std::string>& words, const std::string& fallback
  ) const;
  [[nodiscard]] std::vector<Name> names(const std::string& name) const;

  [[nodiscard]] std::string path_of(const std::string& name) const;
  [[nodiscard]] const Place& place() const { return node_.place; }

 private:
  const YamlNode& node_;
  std::string path_;
};

// The scalar's text, or Refused: a list, an empty value, a number or boolean without quotes, a
// control character.
std::string text_of(const YamlNode& node, const std::string& path);
// The list's nodes, or Refused.
const std::vector<YamlNode>& items_of(const YamlNode& node, const std::string& path);
Name name_of(const YamlNode& node, const std::string& path);

}  // namespace hal9::config
