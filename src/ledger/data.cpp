// check_data: whether a text is a JSON object as a line may carry it.
#include "base/escape.h"
#include "base/plain.h"
#include "base/result.h"
#include "ledger/line.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hal9::ledger {

namespace {

constexpr std::int64_t kSafeInteger = (std::int64_t{1} << 53U) - 1;

// Writes the document again in the one form that a line may have; a text that is not this form is
// refused by comparison. nlohmann keeps the last of duplicate names, so they are refused here.
class OneForm : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::string text;
  std::string problem;

  bool null() override { return value("null"); }
  bool boolean(bool is) override { return value(is ? "true" : "false"); }
  bool number_integer(number_integer_t number) override {
    if (number < -kSafeInteger || number > kSafeInteger) return refuse("an integer is too large");
    return value(fmt::format("{}", number));
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (number > static_cast<std::uint64_t>(kSafeInteger)) return refuse("an integer is too large");
    return value(fmt::format("{}", number));
  }
  bool number_float(number_float_t number, const string_t& as_written) override {
    if (!std::isfinite(number)) return refuse("a number is not finite");
    if (as_written.find_first_of(".eE") == std::string::npos) {
      return refuse("an integer is too large");
    }
    return value(as_written);
  }
  bool string(string_t& inside) override { return value("\"" + escape_json(inside) + "\""); }
  bool binary(binary_t&) override { return refuse("binary"); }
  bool start_object(std::size_t) override { return open('{'); }
  bool end_object() override { return close('}'); }
  bool start_array(std::size_t) override { return open('['); }
  bool end_array() override { return close(']'); }
  bool key(string_t& name) override {
    Level& level = levels_.back();
    if (!level.names.insert(name).second) return refuse("the name " + name + " is there twice");
    if (level.count++ > 0) text += ',';
    text += "\"" + escape_json(name) + "\":";
    after_key_ = true;
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&)
      override {
    return refuse(fmt::format("it is not JSON at byte {}", at));
  }

 private:
  struct Level {
    std::size_t count = 0;
    std::unordered_set<std::string> names;
  };

  bool refuse(std::string why) {
    if (problem.empty()) problem = std::move(why);
    return false;
  }
  void separate() {
    if (!after_key_ && !levels_.empty() && levels_.back().count++ > 0) text += ',';
    after_key_ = false;
  }
  bool value(const std::string& written) {
    if (levels_.empty()) return refuse("it is not an object");
    separate();
    text += written;
    return true;
  }
  bool open(char bracket) {
    if (levels_.empty() && bracket != '{') return refuse("it is not an object");
    if (levels_.size() >= static_cast<std::size_t>(kMaxDepth)) return refuse("it is too deep");
    separate();
    text += bracket;
    levels_.emplace_back();
    return true;
  }
  bool close(char bracket) {
    text += bracket;
    levels_.pop_back();
    return true;
  }

  std::vector<Level> levels_;
  bool after_key_ = false;
};

// The common part of the one form, in one look without a copy: ASCII without escapes, integers far
// from the limit, few members an object. What it takes, OneForm takes; what it does not take may
// still be right.
class PlainForm {
 public:
  explicit PlainForm(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool holds() { return object(1) && at_ == end_; }

 private:
  bool accept(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool accept(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word))
      return false;
    at_ += word.size();
    return true;
  }
  bool text() {
    if (!accept('"')) return false;
    at_ = past_plain(at_, end_);
    return accept('"');
  }
  bool integer() {
    const bool negative = accept('-');
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    const auto digits = at_ - begin;
    if (digits == 0 || digits > 15 || (*begin == '0' && (digits > 1 || negative))) return false;
    return at_ != end_ && *at_ != '.' && *at_ != 'e' && *at_ != 'E';
  }
  bool value(int depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"':
        return text();
      case '{':
        return object(depth + 1);
      case '[':
        return array(depth + 1);
      case 't':
        return accept("true");
      case 'f':
        return accept("false");
      case 'n':
        return accept("null");
      default:
        return integer();
    }
  }
  bool array(int depth) {
    if (depth > kMaxDepth || !accept('[')) return false;
    if (accept(']')) return true;
    do {
      if (!value(depth)) return false;
    } while (accept(','));
    return accept(']');
  }
  bool object(int depth) {
    if (depth > kMaxDepth || !accept('{')) return false;
    if (accept('}')) return true;
    std::array<std::string_view, 16> names;
    std::size_t count = 0;
    do {
      const char* const begin = at_;
      if (count == names.size() || !text()) return false;
      const std::string_view name(begin, static_cast<std::size_t>(at_ - begin));
      for (std::size_t i = 0; i < count; ++i) {
        if (names[i] == name) return false;
      }
      names[count++] = name;
      if (!accept(':') || !value(depth)) return false;
    } while (accept(','));
    return accept('}');
  }

  const char* at_;
  const char* end_;
};

}  // namespace

Result<void> check_data(std::string_view json) {
  const auto refused = [](std::string why) {
    return fail(Code::failed, "the data of an event is not as it has to be", std::move(why));
  };
  if (json.size() > kMaxDataBytes) return refused("it is larger than 1 MiB");
  if (PlainForm(json).holds()) return {};
  if (!is_utf8(json)) return refused("it is not UTF-8");
  OneForm form;
  form.text.reserve(json.size());
  if (!nlohmann::json::sax_parse(json, &form)) return refused(form.problem);
  if (form.text != json) return refused("it holds blanks or another way to write a value");
  return {};
}

}  // namespace hal9::ledger
