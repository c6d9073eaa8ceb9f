// Reading and writing JSON by one list of members a type, so that the two cannot differ. Internal
// to this folder.
//
// A type takes part by `fields(io, value)`: one template that calls io("name", value.name) for each
// member in the frozen order, with a JsonWriter or a JsonReader. An absent optional is left out.
// Values of one word or number are strings and integers, as the overloads below say.
#pragma once

#include "base/escape.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/share.h"
#include "base/time.h"
#include "ledger/line.h"
#include "migration/route.h"
#include "migration/words.h"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace hal9::migration {

// `T` is U or const U: what a `fields` template is constrained by.
template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// The largest integer that every JSON reader holds exactly.
inline constexpr std::uint64_t kMaxInteger = (1ULL << 53U) - 1;

// A state holds what is open; a thousand routes stay below this by far.
inline constexpr std::size_t kMaxBytes = 16 * ledger::kMaxDataBytes;

// Text of the values that are JSON strings.
inline std::string text_of(const std::string& value) {
  return value;
}
inline std::string text_of(const Name& value) {
  return value.text();
}
inline std::string text_of(const Route& value) {
  return to_text(value);
}
inline std::string text_of(Time value) {
  return hal9::to_text(value);  // its type is std::chrono's: nothing leads there but the name
}
inline std::string text_of(const Digest& value) {
  return to_hex(value);
}
template <class Tag>
std::string text_of(const Id<Tag>& value) {
  return to_text(value);
}
template <class E>
  requires std::is_enum_v<E>
std::string text_of(E value) {
  return word_of(value);
}

// And back: false if the text is none of the type's.
template <class T>
bool take(Result<T> parsed, T& value) {
  if (parsed) value = std::move(*parsed);
  return parsed.has_value();
}
inline bool from_text(std::string_view text, std::string& value) {
  value = text;
  return true;
}
inline bool from_text(std::string_view text, Name& value) {
  return Name::parse(text, value);
}
inline bool from_text(std::string_view text, Route& value) {
  return parse_route(text, value);
}
inline bool from_text(std::string_view text, Time& value) {
  return parse_time(text, value);
}
inline bool from_text(std::string_view text, Digest& value) {
  return take(parse_digest(text), value);
}
template <class Tag>
bool from_text(std::string_view text, Id<Tag>& value) {
  return parse_uuid(text, value.bytes);
}
template <class E>
  requires std::is_enum_v<E>
bool from_text(std::string_view text, E& value) {
  const auto known = from_word<E>(text);
  if (known) value = *known;
  return known.has_value();
}

// Numbers of the values that are JSON integers, none of them negative.
inline std::uint64_t number_of(std::uint64_t value) {
  return value;
}
inline std::uint64_t number_of(Share value) {
  return value.hundredths();
}
inline std::uint64_t number_of(Micros value) {
  return value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count());
}
inline std::uint64_t number_of(ledger::Sequence value) {
  return value.value;
}
inline bool from_number(std::uint64_t number, std::uint64_t& value) {
  value = number;
  return true;
}
inline bool from_number(std::uint64_t number, Share& value) {
  value = Share::of_hundredths(static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 10001)));
  return number <= Share::kWhole;
}
inline bool from_number(std::uint64_t number, Micros& value) {
  value = Micros{static_cast<std::int64_t>(number)};
  return true;
}
inline bool from_number(std::uint64_t number, ledger::Sequence& value) {
  value.value = number;
  return true;
}

template <class T>
concept Textual = requires(const T& value) { text_of(value); };
template <class T>
concept Numeric = !std::same_as<T, bool> && requires(const T& value) { number_of(value); };

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// Appends compact JSON to a string.
class JsonWriter {
 public:
  static constexpr bool kReads = false;

  template <class T>
  void operator()(std::string_view name, const T& value) {
    if constexpr (IsOptional<T>::value) {
      if (value) (*this)(name, *value);
    } else {
      separate();
      quote(name);
      out_ += ':';
      write(value);
    }
  }
  template <class T>
  void write(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (Textual<T>) {
      quote(text_of(value));
    } else if constexpr (Numeric<T>) {
      out_ += std::to_string(number_of(value));
    } else {
      object([&] { fields(*this, value); });
    }
  }
  template <class T>
  void write(const std::vector<T>& values) {
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0) out_ += ',';
      write(values[i]);
    }
    out_ += ']';
  }
  template <class K, class V>
  void write(const std::map<K, V>& values) {
    object([&] {
      for (const auto& [key, value] : values) (*this)(text_of(key), value);
    });
  }
  std::string take() { return std::move(out_); }

 private:
  template <class F>
  void object(F members) {
    const bool outer = std::exchange(first_, true);
    out_ += '{';
    members();
    out_ += '}';
    first_ = outer;
  }
  void separate() {
    if (!std::exchange(first_, false)) out_ += ',';
  }
  void quote(std::string_view text) {
    out_ += '"';
    out_ += escape_json(text);
    out_ += '"';
  }

  std::string out_;
  bool first_ = true;
};

// Reads members of one object. The first problem is kept; after it nothing is read any more.
class JsonReader {
 public:
  using Json = nlohmann::json;
  static constexpr bool kReads = true;

  JsonReader(const Json& object, std::string path, std::string& problem)
      : object_(object), path_(std::move(path)), problem_(problem) {}

  template <class T>
  void operator()(std::string_view name, T& value) {
    if (!problem_.empty()) return;
    const auto member = object_.find(name);
    if constexpr (IsOptional<T>::value) {
      value.reset();
      if (member == object_.end()) return;
      value.emplace();
      ++seen_;
      read(*member, *value, below(name));
    } else {
      if (member == object_.end()) {
        problem_ = below(name) + " is missing";
        return;
      }
      ++seen_;
      read(*member, value, below(name));
    }
  }
  void refuse(std::string_view name, std::string_view why) {
    if (problem_.empty()) problem_ = below(name) + " " + std::string(why);
  }
  // After the members: none was there that the type does not have.
  void close() {
    if (problem_.empty() && seen_ != object_.size()) problem_ = named() + " has an unknown member";
  }
  template <class T>
  void read(const Json& json, T& value, const std::string& path) {
    if constexpr (std::same_as<T, bool>) {
      if (json.is_boolean()) {
        value = json.get<bool>();
      } else {
        problem_ = path + " is not true or false";
      }
    } else if constexpr (Textual<T>) {
      if (!json.is_string() || !from_text(json.get_ref<const std::string&>(), value)) {
        problem_ = path + " is not a text of its kind";
      }
    } else if constexpr (Numeric<T>) {
      if (!json.is_number_unsigned() || json.get<std::uint64_t>() > kMaxInteger ||
          !from_number(json.get<std::uint64_t>(), value)) {
        problem_ = path + " is not an integer in its range";
      }
    } else {
      read_object(json, value, path);
    }
  }
  template <class T>
  void read(const Json& json, std::vector<T>& values, const std::string& path) {
    values.clear();
    if (!json.is_array()) {
      problem_ = path + " is not an array";
      return;
    }
    for (const auto& element : json) {
      values.emplace_back();
      read(element, values.back(), path);
      if (!problem_.empty()) return;
    }
  }
  template <class K, class V>
  void read(const Json& json, std::map<K, V>& values, const std::string& path) {
    values.clear();
    if (!json.is_object()) {
      problem_ = path + " is not an object";
      return;
    }
    for (const auto& [name, element] : json.items()) {
      K key{};
      if (!from_text(name, key)) problem_ = path + " has a member of unknown name";
      if (!problem_.empty()) return;
      read(element, values[key], path);
      if (!problem_.empty()) return;
    }
  }
  template <class T>
  void read_object(const Json& json, T& value, const std::string& path) {
    if (!json.is_object()) {
      problem_ = (path.empty() ? std::string("it") : path) + " is not an object";
      return;
    }
    JsonReader inner(json, path, problem_);
    fields(inner, value);
    inner.close();
  }

 private:
  [[nodiscard]] std::string named() const { return path_.empty() ? "it" : path_; }
  [[nodiscard]] std::string below(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  }

  const Json& object_;
  std::string path_;
  std::string& problem_;
  std::size_t seen_ = 0;
};

// Bytes to a JSON value within the ledger's limits of size and depth. Error: damaged.
Result<nlohmann::json> parse_json(std::string_view what, std::string_view bytes);

// The error of every decoder: `what` is a type's name, `problem` names the member.
tl::unexpected<Error> damaged(std::string_view what, std::string_view problem);

template <class T>
std::string encode_fields(const T& value) {
  JsonWriter writer;
  writer.write(value);
  return writer.take();
}

// Only the bytes that encode_fields would write are taken: order of members, blanks, doubled
// members and spellings of numbers are all checked by writing the value again.
template <class T>
Result<T> decode_document(std::string_view what, std::string_view bytes) {
  auto json = parse_json(what, bytes);
  if (!json) return pass_on(json);
  std::string problem;
  T value{};
  JsonReader(*json, "", problem).read_object(*json, value, "");
  if (!problem.empty()) return damaged(what, problem);
  if (encode_fields(value) != bytes) return damaged(what, "it is not in the ledger's one form");
  return value;
}

}  // namespace hal9::migration
