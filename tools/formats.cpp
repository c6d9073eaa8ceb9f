#include "formats.h"

#include "base/escape.h"
#include "base/name.h"
#include "base/result.h"
#include "codepoints.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hal9::tools {

namespace {

struct Form {
  std::string_view word;
  Format format;
};

constexpr Form kForms[] = {
    {"table", Format::table},
    {"wide", Format::wide},
    {"json", Format::json},
    {"yaml", Format::yaml},
    {"jsonl", Format::jsonl},
    {"csv", Format::csv},
};

constexpr auto kReplace = Json::error_handler_t::replace;

// ASCII only: what is beyond it is \uXXXX, the same string for a parser and harmless to a terminal.
std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', true, kReplace);
}

bool is_plain_letter(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '/' ||
         letter == '.' || letter == '-';
}

// What YAML takes for a string without quotes, whatever its reader's version: a letter first, no
// word that some reader takes for true, false or null.
bool is_plain_yaml(std::string_view text) {
  static constexpr std::string_view kWords[] = {
      "y", "n", "yes", "no", "true", "false", "on", "off", "null"
  };
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
  if (!std::ranges::all_of(text, is_plain_letter)) return false;
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return std::ranges::find(kWords, small) == std::end(kWords);
}

std::string yaml_string(const std::string& text) {
  if (is_plain_yaml(text)) return text;
  std::string quoted = "\"";
  const std::string valid = is_utf8(text) ? text : escape_terminal(text);
  for_each_codepoint(valid, [&](char32_t point, std::string_view bytes) {
    if (point == '"' || point == '\\') {
      quoted += "\\" + std::string(bytes);
    } else if (point >= 0x20 && point < 0x7F) {
      quoted += bytes;
    } else {
      quoted += fmt::format("\\U{:08X}", static_cast<std::uint32_t>(point));
    }
  });
  return quoted + "\"";
}

std::string yaml_scalar(const Json& value) {
  if (value.is_string()) return yaml_string(value.get_ref<const std::string&>());
  return dump(value, -1);
}

bool is_block(const Json& value) {
  return value.is_structured() && !value.empty();
}

// `text` is what stands in front of the value on its line; the depth of the views bounds the walk.
void write_yaml(std::string& out, const Json& value, std::size_t indent) {
  const std::string blanks(indent, ' ');
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      out += blanks + yaml_string(name) + ":";
      if (is_block(member)) {
        out += "\n";
        write_yaml(out, member, indent + 2);
      } else {
        out += " " + yaml_scalar(member) + "\n";
      }
    }
    return;
  }
  for (const Json& element : value) {
    if (!is_block(element)) {
      out += blanks + "- " + yaml_scalar(element) + "\n";
      continue;
    }
    std::string inner;
    write_yaml(inner, element, indent + 2);
    inner.replace(indent, 1, "-");
    out += inner;
  }
}

std::string yaml(const Json& value) {
  if (!is_block(value)) return yaml_scalar(value) + "\n";
  std::string out;
  write_yaml(out, value, 0);
  return out;
}

using Cells = std::vector<std::pair<std::string, std::string>>;

void flatten(const Json& value, const std::string& name, Cells& cells) {
  if (value.is_object()) {
    for (const auto& [member, inner] : value.items()) {
      flatten(inner, name.empty() ? member : fmt::format("{}.{}", name, member), cells);
    }
    return;
  }
  if (value.is_array()) {
    std::size_t place = 0;
    for (const Json& inner : value) flatten(inner, fmt::format("{}.{}", name, place++), cells);
    return;
  }
  std::string text;
  if (value.is_string()) {
    text = value.get_ref<const std::string&>();
  } else if (!value.is_null()) {
    text = dump(value, -1);
  }
  cells.emplace_back(name.empty() ? "value" : name, std::move(text));
}

std::string csv_field(const std::string& text) {
  return escape_csv(escape_terminal(text));
}

std::string csv_head(const std::vector<std::string>& columns) {
  std::vector<std::string> fields;
  fields.reserve(columns.size());
  for (const auto& column : columns) fields.push_back(csv_field(column));
  return fmt::format("{}\n", fmt::join(fields, ","));
}

std::string csv_row(const std::vector<std::string>& columns, const Cells& cells) {
  std::vector<std::string> fields;
  for (const auto& column : columns) {
    const auto found = std::ranges::find(cells, column, &Cells::value_type::first);
    fields.push_back(found == cells.end() ? "" : csv_field(found->second));
  }
  return fmt::format("{}\n", fmt::join(fields, ","));
}

void add_columns(std::vector<std::string>& columns, const Cells& cells) {
  for (const auto& [name, text] : cells) {
    if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
  }
}

// One value has a row a member: what is listed in it may be of any length, and a sheet reads down.
std::string csv_of_one(const Json& value) {
  Cells cells;
  flatten(value, "", cells);
  std::string text = "name,value\n";
  for (const auto& [name, cell] : cells) {
    text += fmt::format("{},{}\n", csv_field(name), csv_field(cell));
  }
  return text;
}

std::string csv_head_of(const Json& row) {
  if (row.is_null()) return "";
  Cells cells;
  std::vector<std::string> columns;
  flatten(row, "", cells);
  add_columns(columns, cells);
  return csv_head(columns);
}

std::string csv(const Json& rows, const Json& row_of_none) {
  if (!rows.is_array()) return csv_of_one(rows);
  std::vector<std::string> columns;
  std::vector<Cells> all;
  for (const Json& row : rows) {
    flatten(row, "", all.emplace_back());
    add_columns(columns, all.back());
  }
  if (all.empty()) return csv_head_of(row_of_none);
  std::string text = csv_head(columns);
  for (const Cells& cells : all) text += csv_row(columns, cells);
  return text;
}

std::string jsonl(const Json& value) {
  if (!value.is_array()) return dump(value, -1) + "\n";
  std::string text;
  for (const Json& element : value) text += dump(element, -1) + "\n";
  return text;
}

}  // namespace

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Form& form : kForms) names.emplace_back(form.word);
  return names;
}

Result<Format> parse_format(std::string_view text) {
  for (const Form& form : kForms) {
    if (form.word == text) return form.format;
  }
  const auto words = format_names();
  const std::string meant = nearest(text, words);
  return fail(
      Code::usage,
      fmt::format("there is no format \"{}\"", text),
      meant.empty() ? fmt::format("there are {}", fmt::join(words, ", "))
                    : fmt::format("did you mean {}?", meant),
      "nothing was changed",
      "hal9-migrate help"
  );
}

bool is_structured(Format format) {
  return format != Format::table && format != Format::wide;
}

std::string render(const Json& value, Format format, const Json& row) {
  switch (format) {
    case Format::table:
    case Format::wide:
    case Format::json:
      return dump(value, 2) + "\n";
    case Format::yaml:
      return yaml(value);
    case Format::jsonl:
      return jsonl(value);
    case Format::csv:
      return csv(value, row);
  }
  return {};
}

ListRenderer::ListRenderer(Format format, const Json& row) : format_(format) {
  if (format != Format::csv || row.is_null()) return;
  Cells cells;
  flatten(row, "", cells);
  add_columns(columns_, cells);
}

std::string ListRenderer::element(const Json& value) {
  const bool first = !any_;
  any_ = true;
  if (format_ == Format::jsonl) return dump(value, -1) + "\n";
  if (format_ == Format::yaml) return yaml(Json::array({value}));
  if (format_ == Format::csv) {
    Cells cells;
    flatten(value, "", cells);
    if (!first) return csv_row(columns_, cells);
    if (columns_.empty()) add_columns(columns_, cells);
    return csv_head(columns_) + csv_row(columns_, cells);
  }
  return (first ? "[\n" : ",\n") + dump(value, -1);
}

std::string ListRenderer::end() {
  if (format_ == Format::json) return any_ ? "\n]\n" : "[]\n";
  if (format_ == Format::csv && !any_ && !columns_.empty()) return csv_head(columns_);
  return !any_ && format_ == Format::yaml ? "[]\n" : "";
}

}  // namespace hal9::tools
