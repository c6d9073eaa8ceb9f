#include "adapters/config/section.h"

#include "adapters/config/yaml.h"
#include "base/escape.h"
#include "base/name.h"
#include "base/time.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace hal9::config {

namespace {

constexpr std::size_t kEchoed = 60;
constexpr std::size_t kLongest = 4096;
constexpr std::size_t kMostItems = 200;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string quoted(const std::string& typed) {
  return "\"" + shorten(typed, kEchoed) + "\"";
}

std::string perhaps(const std::string& typed, const std::vector<std::string>& known) {
  const std::string near = nearest(typed, known);
  return near.empty() ? "; known: " + joined(known) : "; did you mean " + near + "?";
}

}  // namespace

std::string text_of(const YamlNode& node, const std::string& path) {
  if (node.kind == YamlNode::Kind::empty) throw Refused{node.place, path + " has no value"};
  if (node.kind != YamlNode::Kind::scalar) {
    throw Refused{node.place, path + " takes one text, not a list or section"};
  }
  if (!node.quoted && reads_as_no_text(node.text)) {
    throw Refused{
        node.place,
        path + " takes a text, and YAML reads " + node.text + " as something else; write \"" +
            node.text + "\""
    };
  }
  if (node.text.empty()) throw Refused{node.place, path + " is empty"};
  if (node.text.size() > kLongest) throw Refused{node.place, path + " is too long"};
  const bool control =
      std::ranges::any_of(node.text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (control) throw Refused{node.place, path + " holds a control character or a line break"};
  return node.text;
}

const std::vector<YamlNode>& items_of(const YamlNode& node, const std::string& path) {
  if (node.kind != YamlNode::Kind::list) throw Refused{node.place, path + " takes a list: [a, b]"};
  if (node.items.size() > kMostItems) {
    throw Refused{node.place, path + " has more than " + std::to_string(kMostItems) + " entries"};
  }
  return node.items;
}

Name name_of(const YamlNode& node, const std::string& path) {
  const std::string text = text_of(node, path);
  const auto name = Name::parse(text);
  if (!name) {
    throw Refused{
        node.place,
        path + " takes a name of letters, digits, _ . - and at most 64 of them, not " + quoted(text)
    };
  }
  return *name;
}

Section::Section(const YamlNode& node, std::string path, const std::vector<std::string>& known)
    : node_(node), path_(std::move(path)) {
  const bool absent = node.kind == YamlNode::Kind::empty && path_.empty() == false;
  if (node.kind != YamlNode::Kind::section && !absent) {
    throw Refused{node.place, (path_.empty() ? "the file" : path_) + " takes a section"};
  }
  for (const auto& [key, value] : node.members) {
    if (std::ranges::find(known, key.text) != known.end()) continue;
    throw Refused{key.place, quoted(key.text) + " is not known here" + perhaps(key.text, known)};
  }
}

std::string Section::path_of(const std::string& name) const {
  return path_.empty() ? name : path_ + "." + name;
}

const YamlNode* Section::find(const std::string& name) const {
  for (const auto& [key, value] : node_.members) {
    if (key.text == name) return &value;
  }
  return nullptr;
}

const YamlNode& Section::require(const std::string& name) const {
  const YamlNode* node = find(name);
  if (node == nullptr) throw Refused{node_.place, path_of(name) + " is missing"};
  return *node;
}

Section Section::section(const std::string& name, const std::vector<std::string>& known) const {
  static const YamlNode kAbsent;
  const YamlNode* node = find(name);
  return {node == nullptr ? kAbsent : *node, path_of(name), known};
}

std::optional<std::string> Section::text(const std::string& name) const {
  const YamlNode* node = find(name);
  if (node == nullptr) return {};
  return text_of(*node, path_of(name));
}

std::vector<std::string> Section::texts(const std::string& name) const {
  const YamlNode* node = find(name);
  if (node == nullptr) return {};
  std::vector<std::string> texts;
  for (const YamlNode& item : items_of(*node, path_of(name))) {
    texts.push_back(text_of(item, path_of(name)));
  }
  return texts;
}

std::optional<std::uint64_t> Section::number(
    const std::string& name, std::uint64_t from, std::uint64_t to
) const {
  const YamlNode* node = find(name);
  if (node == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = node->text.data() + node->text.size();
  const auto [rest, error] = std::from_chars(node->text.data(), end, number);
  const bool plain = node->kind == YamlNode::Kind::scalar && !node->quoted &&
                     error == std::errc{} && rest == end && std::to_string(number) == node->text;
  if (plain && number >= from && number <= to) return number;
  throw Refused{
      node->place,
      path_of(name) + " takes a whole number, without quotes, from " + std::to_string(from) +
          " to " + std::to_string(to)
  };
}

std::optional<Micros> Section::duration(const std::string& name, Micros least, Micros most) const {
  const auto typed = text(name);
  if (!typed) return std::nullopt;
  const auto duration = parse_duration(*typed);
  if (duration && *duration >= least && *duration <= most) return *duration;
  const std::string from = least > Micros{0} ? "from " + to_text(least) + " to " : "of at most ";
  throw Refused{
      require(name).place,
      path_of(name) + " takes a time " + from + to_text(most) + ", as in 500ms, 2s or 10m"
  };
}

std::string Section::word(
    const std::string& name, const std::vector<std::string>& words, const std::string& fallback
) const {
  const YamlNode* node = find(name);
  if (node == nullptr) return fallback;
  std::string text = text_of(*node, path_of(name));
  if (std::ranges::find(words, text) != words.end()) return text;
  throw Refused{node->place, path_of(name) + " cannot be " + quoted(text) + perhaps(text, words)};
}

std::vector<Name> Section::names(const std::string& name) const {
  const YamlNode* node = find(name);
  if (node == nullptr) return {};
  std::vector<Name> names;
  for (const YamlNode& item : items_of(*node, path_of(name))) {
    Name one = name_of(item, path_of(name));
    if (std::ranges::find(names, one) != names.end()) {
      throw Refused{item.place, path_of(name) + " names " + one.text() + " twice"};
    }
    names.push_back(std::move(one));
  }
  return names;
}

}  // namespace hal9::config
