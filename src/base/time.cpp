#include "base/time.h"

#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <date/date.h>
#include <fmt/format.h>

namespace hal9 {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Numbers at places of a text that is long enough. Whether all were digits is asked once, behind them:
// each event that is read has two times of seven numbers.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : text_(text) {}

  template <std::size_t N>
  int at(std::size_t place) {
    int value = 0;
    for (std::size_t i = place; i < place + N; ++i) {
      const int digit = text_[i] - '0';
      all_digits_ &= static_cast<unsigned>(digit) <= 9;
      value = value * 10 + digit;
    }
    return value;
  }
  [[nodiscard]] bool all_digits() const { return all_digits_; }

 private:
  std::string_view text_;
  bool all_digits_ = true;
};

struct Parts {
  date::year_month_day day;
  hours hour{};
  minutes minute{};
  seconds second{};
};

Parts split(Time time) {
  const auto day = date::floor<date::days>(time);
  const date::hh_mm_ss<Micros> clock(time - day);
  return {date::year_month_day(day), clock.hours(), clock.minutes(), clock.seconds()};
}

// `YYYY-MM-DD?hh:mm:ss` at the front, the separator between being one of `separators`.
bool parse_whole_seconds(std::string_view text, std::string_view separators, Time& into) {
  if (text.size() < 19) return false;
  Numbers numbers(text);
  const int year = numbers.at<4>(0), month = numbers.at<2>(5), day = numbers.at<2>(8);
  const int hour = numbers.at<2>(11), minute = numbers.at<2>(14), second = numbers.at<2>(17);
  const bool shaped = text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':' &&
                      std::ranges::find(separators, text[10]) != separators.end();
  if (!shaped || !numbers.all_digits()) return false;
  const date::year_month_day date{
      date::year(year),
      date::month(static_cast<unsigned>(month)),
      date::day(static_cast<unsigned>(day))
  };
  if (!date.ok() || year < 1970 || hour > 23 || minute > 59 || second > 59) return false;
  into = Time(date::sys_days(date)) + hours(hour) + minutes(minute) + seconds(second);
  return true;
}

// `Z` or `+hh:mm` / `-hh:mm` and nothing behind it.
std::optional<minutes> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return minutes{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return {};
  Numbers numbers(text);
  const int hour = numbers.at<2>(1), minute = numbers.at<2>(4);
  if (!numbers.all_digits() || hour > 23 || minute > 59) return {};
  const minutes offset = hours(hour) + minutes(minute);
  return text[0] == '-' ? -offset : offset;
}

tl::unexpected<Error> refused_duration(std::string_view text) {
  return fail(
      Code::usage,
      fmt::format("\"{}\" is not a span of time", escape_terminal(shorten(text, 40))),
      "a span is a number with its unit, up to 30 days: 250ms, 3s, 10m, 2h, 1h30m",
      "nothing was changed"
  );
}

constexpr Micros kLongest = hours(24 * 30);

// `.5s`, `.25s`, `.125s` at the front, behind whole seconds; consumes it.
std::optional<Micros> take_milliseconds(std::string_view& text) {
  milliseconds left{1000};
  Micros value{};
  std::size_t at = 1;
  for (; at < text.size() && is_digit(text[at]) && at <= 3; ++at) {
    left /= 10;
    value += left * (text[at] - '0');
  }
  if (at == 1 || !text.substr(at).starts_with('s')) return {};
  text.remove_prefix(at + 1);
  return value;
}

// One `<number><unit>` at the front, at most kLongest; consumes it.
std::optional<Micros> take_span(std::string_view& text) {
  std::size_t digits = 0;
  std::int64_t value = 0;
  while (digits < text.size() && is_digit(text[digits]) && digits < 10) {
    value = value * 10 + (text[digits++] - '0');
  }
  if (digits == 0) return {};
  text.remove_prefix(digits);
  if (text.starts_with('.') && seconds(value) <= kLongest) {
    const auto part = take_milliseconds(text);
    return part ? std::optional<Micros>(seconds(value) + *part) : std::optional<Micros>();
  }
  // Compared before it is multiplied: ten digits of days do not fit into microseconds.
  struct Unit {
    std::string_view name;
    Micros length;
  };
  constexpr Unit kUnits[] = {
      {"ms", milliseconds(1)},
      {"s", seconds(1)},
      {"m", minutes(1)},
      {"h", hours(1)},
      {"d", hours(24)}
  };
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    if (value > kLongest / unit.length) return {};
    return value * unit.length;
  }
  return {};
}

}  // namespace

std::string to_text(Time time) {
  const Parts parts = split(time);
  std::string text = "0000-00-00T00:00:00.000000Z";
  // By hand: every event is written with two of these, and fmt takes longer than its hash.
  const auto put = [&text](std::size_t at, std::size_t digits, std::int64_t value) {
    for (; digits-- > 0; value /= 10) text[at + digits] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, std::clamp(static_cast<int>(parts.day.year()), 0, 9999));
  put(5, 2, static_cast<unsigned>(parts.day.month()));
  put(8, 2, static_cast<unsigned>(parts.day.day()));
  put(11, 2, parts.hour.count());
  put(14, 2, parts.minute.count());
  put(17, 2, parts.second.count());
  put(20, 6, (time - date::floor<seconds>(time)).count());
  return text;
}

bool parse_time(std::string_view text, Time& into) {
  if (text.size() != kTimeLength || !parse_whole_seconds(text, "T", into)) return false;
  Numbers numbers(text);
  into += Micros(numbers.at<6>(20));
  return numbers.all_digits() && text[19] == '.' && text[26] == 'Z';
}

Result<Time> parse_time(std::string_view text) {
  Time time;
  if (parse_time(text, time)) return time;
  return fail(
      Code::usage,
      fmt::format("\"{}\" is not a time", escape_terminal(shorten(text, 40))),
      "a time here is 2026-08-01T03:04:05.000006Z, with six digits, in UTC"
  );
}

std::string for_people(Time time) {
  const std::string text = to_text(time);
  return text.substr(0, 10) + " " + text.substr(11, 8) + "Z";
}

std::string to_stamp(Time time) {
  const Parts parts = split(time);
  return fmt::format(
      "{:04}{:02}{:02}-{:02}{:02}{:02}",
      static_cast<int>(parts.day.year()),
      static_cast<unsigned>(parts.day.month()),
      static_cast<unsigned>(parts.day.day()),
      parts.hour.count(),
      parts.minute.count(),
      parts.second.count()
  );
}

Result<Time> parse_time_loosely(std::string_view text) {
  const auto refused = [&] {
    return fail(
        Code::usage,
        fmt::format("\"{}\" is not a time", escape_terminal(shorten(text, 40))),
        "a time is 2026-08-01T03:04:05Z, or with an offset: 2026-08-01T05:04:05+02:00",
        "nothing was changed"
    );
  };
  Time whole;
  if (!parse_whole_seconds(text, "Tt ", whole)) return refused();
  std::string_view rest = text.substr(19);
  Micros fraction{};
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    std::size_t digits = 0;
    Micros unit = milliseconds(100);
    while (digits < rest.size() && is_digit(rest[digits])) {
      fraction += (rest[digits] - '0') * unit;
      unit /= 10;
      ++digits;
    }
    if (digits == 0 || digits > 18) return refused();
    rest.remove_prefix(digits);
  }
  const auto offset = parse_offset(rest);
  if (!offset) return refused();
  const Time time = whole + fraction - *offset;
  if (time < Time{}) return refused();
  return time;
}

Result<Micros> parse_duration(std::string_view text) {
  std::string_view rest = text;
  Micros sum{};
  while (!rest.empty()) {
    const auto span = take_span(rest);
    if (!span) return refused_duration(text);
    sum += *span;
    if (sum > kLongest) return refused_duration(text);
  }
  if (sum <= Micros{0}) return refused_duration(text);
  return sum;
}

std::string to_text(Micros duration) {
  if (duration < Micros{0}) return "-" + to_text(-duration);
  if (duration < seconds(10)) {
    const auto all = std::chrono::duration_cast<milliseconds>(duration).count();
    if (all % 1000 == 0) return fmt::format("{}s", all / 1000);
    return all < 1000 ? fmt::format("{}ms", all) : fmt::format("{}.{:03}s", all / 1000, all % 1000);
  }
  const auto all = std::chrono::duration_cast<seconds>(duration).count();
  std::string text;
  if (all >= 3600) text += fmt::format("{}h", all / 3600);
  if (all % 3600 >= 60) text += fmt::format("{}m", all % 3600 / 60);
  if (all % 60 != 0) text += fmt::format("{}s", all % 60);
  return text;
}

}  // namespace hal9
