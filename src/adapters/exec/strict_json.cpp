#include "adapters/exec/strict_json.h"

#include "base/escape.h"
#include "base/result.h"
#include "base/share.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hal9::exec {

namespace {

using nlohmann::json;

constexpr std::size_t kMostLevels = 32;
constexpr std::uint64_t kSafeInteger = (std::uint64_t{1} << 53U) - 1;
constexpr std::size_t kShownName = 60;

tl::unexpected<Error> not_read(std::string why) {
  return fail(Code::damaged, "it cannot be read", std::move(why), "nothing was taken from it");
}

// Builds the document; the first problem ends it. Values are reached by their parents, which do not
// move while they are open.
class Builder : public nlohmann::json_sax<json> {
 public:
  json document;
  std::string problem;

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override {
    if (value < -static_cast<std::int64_t>(kSafeInteger)) return refuse("an integer is too large");
    return add(value);
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > kSafeInteger) return refuse("an integer is too large");
    return add(value);
  }
  bool number_float(number_float_t /*value*/, const string_t& as_written) override {
    return add(as_written);
  }
  bool string(string_t& value) override { return add(value); }
  bool binary(binary_t& /*value*/) override { return refuse("binary"); }
  bool start_object(std::size_t /*size*/) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      return refuse(fmt::format("the name {} is there twice", shorten(name, kShownName)));
    }
    name_ = name;
    return true;
  }
  bool parse_error(
      std::size_t at, const std::string& /*token*/, const nlohmann::detail::exception& /*error*/
  ) override {
    return refuse(fmt::format("it is not JSON at byte {}", at));
  }

 private:
  bool refuse(std::string why) {
    if (problem.empty()) problem = std::move(why);
    return false;
  }
  json* place(json value) {
    if (open_.empty()) return &(document = std::move(value));
    json& parent = *open_.back();
    if (parent.is_object()) return &(parent[name_] = std::move(value));
    return &parent.emplace_back(std::move(value));
  }
  bool add(json value) {
    place(std::move(value));
    return true;
  }
  bool open(json empty) {
    if (open_.size() >= kMostLevels) return refuse("it is nested too deep");
    open_.push_back(place(std::move(empty)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<json*> open_;
  std::string name_;
};

}  // namespace

Result<json> read_strict_json(std::string_view bytes) {
  if (bytes.empty()) return not_read("it is empty");
  if (bytes.size() > kMostJson) return not_read("it is larger than 1 MiB");
  if (!is_utf8(bytes)) return not_read("it is not UTF-8");
  Builder builder;
  if (!json::sax_parse(bytes, &builder)) return not_read(builder.problem);
  return std::move(builder.document);
}

Result<Share> share_in(const json& value) {
  std::string text;
  if (value.is_number_unsigned()) text = std::to_string(value.get<std::uint64_t>());
  if (value.is_string()) text = value.get<std::string>();
  const auto share = parse_share(text);
  if (share && text.find('%') == std::string::npos) return *share;
  return not_read("a percentage is a number of 0 to 100 with at most two decimals");
}

}  // namespace hal9::exec
