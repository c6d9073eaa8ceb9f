#include "adapters/config/yaml.h"

#include "base/escape.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace hal9::config {

namespace {

constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostNodes = 5000;
constexpr std::size_t kEchoed = 60;

Place place_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};  // YAML::Mark counts from 0
}

// Builds the tree from the parser's events, which still know what a finished tree has lost:
// anchors, tags, quotes.
class Builder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) throw Refused{place_of(mark), "a second document begins here"};
  }
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{place_of(mark), "an alias (*) is not read; write it out"};
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(begin(mark, "", anchor, YamlNode::Kind::empty));
  }
  void OnScalar(
      const YAML::Mark& mark,
      const std::string& tag,
      YAML::anchor_t anchor,
      const std::string& value
  ) override {
    YamlNode node = begin(mark, tag, anchor, YamlNode::Kind::scalar);
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node));
  }
  void OnSequenceStart(
      const YAML::Mark& mark,
      const std::string& tag,
      YAML::anchor_t anchor,
      YAML::EmitterStyle::value
  ) override {
    open_.push_back(begin(mark, tag, anchor, YamlNode::Kind::list));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(
      const YAML::Mark& mark,
      const std::string& tag,
      YAML::anchor_t anchor,
      YAML::EmitterStyle::value
  ) override {
    open_.push_back(begin(mark, tag, anchor, YamlNode::Kind::section));
  }
  void OnMapEnd() override { close(); }

  YamlNode take() { return std::move(root_); }

 private:
  YamlNode begin(
      const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind
  ) {
    const Place place = place_of(mark);
    if (anchor != 0) throw Refused{place, "an anchor (&) is not read; write it out"};
    // yaml-cpp says "?" for plain and "!" for quoted where there is no tag.
    if (!tag.empty() && tag != "?" && tag != "!") throw Refused{place, "a tag (!) is not read"};
    if (++nodes_ > kMostNodes) throw Refused{place, "this is too much for a configuration"};
    if (open_.size() >= kDeepest) throw Refused{place, "this is nested too deeply"};
    YamlNode node;
    node.kind = kind;
    node.place = place;
    return node;
  }

  void close() {
    YamlNode done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    YamlNode& parent = open_.back();
    if (parent.kind == YamlNode::Kind::list) {
      parent.items.push_back(std::move(node));
    } else if (parent.text.empty()) {
      add_key(parent, std::move(node));
    } else {
      parent.members.back().value = std::move(node);
      parent.text.clear();
    }
  }

  // An open section's text says that its last key waits for a value.
  static void add_key(YamlNode& parent, YamlNode key) {
    if (key.kind != YamlNode::Kind::scalar) throw Refused{key.place, "a name is wanted here"};
    for (const auto& [known, value] : parent.members) {
      if (known.text != key.text) continue;
      throw Refused{
          key.place,
          "\"" + shorten(key.text, kEchoed) + "\" is there already, in line " +
              std::to_string(known.place.line)
      };
    }
    parent.members.push_back({std::move(key), YamlNode{}});
    parent.text = "?";
  }

  int documents_ = 0;
  std::size_t nodes_ = 0;
  std::vector<YamlNode> open_;
  YamlNode root_;
};

bool may_go_on_below(std::string_view line) {
  return line.find_first_of("|>") != std::string_view::npos ||
         std::ranges::count(line, '"') % 2 != 0 || std::ranges::count(line, '\'') % 2 != 0;
}

}  // namespace

std::string blank_comments(std::string_view text) {
  std::string blanked;
  blanked.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    const std::string_view line = rest.substr(0, end);
    const std::size_t first = line.find_first_not_of(' ');
    if (first == std::string_view::npos || line[first] != '#') {
      if (may_go_on_below(line)) return std::string(text);
      blanked += line;
    } else if (line.ends_with('\n')) {
      blanked += '\n';
    }
    rest.remove_prefix(end);
  }
  return blanked;
}

YamlNode read_yaml(std::string_view text) {
  if (!is_utf8(text)) throw Refused{{}, "its bytes are not UTF-8"};
  // yaml-cpp ends silently at a zero byte: what stands behind it would be dropped.
  if (text.find('\0') != std::string_view::npos) throw Refused{{}, "it holds a zero byte"};
  std::istringstream stream{blank_comments(text)};
  Builder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw Refused{place_of(error.mark), "this is not YAML: " + error.msg};
  }
  return builder.take();
}

bool reads_as_no_text(std::string_view plain) {
  std::string lower(plain);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  static constexpr std::array kWords{
      "",
      "~",
      "null",
      "true",
      "false",
      "yes",
      "no",
      "on",
      "off",
      "y",
      "n",
      ".nan",
      ".inf",
      "-.inf",
      "+.inf"
  };
  if (std::ranges::find(kWords, lower) != kWords.end()) return true;
  std::string_view digits = lower;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.starts_with("0x") || digits.starts_with("0o")) return true;
  const bool begins =
      !digits.empty() &&
      (std::isdigit(static_cast<unsigned char>(digits[0])) != 0 || digits[0] == '.');
  return begins && digits.find_first_not_of("0123456789._e+-") == std::string_view::npos &&
         digits.find_first_of("0123456789") != std::string_view::npos;
}

}  // namespace hal9::config
