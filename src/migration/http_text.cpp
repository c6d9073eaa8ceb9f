#include "migration/http_text.h"

#include "base/name.h"
#include "base/share.h"
#include "migration/route.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace hal9::migration {

namespace {

constexpr std::array<std::string_view, 3> kNames{"route", "region", "component"};
constexpr std::array<std::string_view, 7> kValues{
    "share",
    "flat",
    "hundredths",
    "flat_hundredths",
    "share_fraction",
    "flat_fraction",
    "share_uuid"
};
constexpr std::uint64_t kUuids = std::uint64_t{1} << 32U;  // by their first eight digits
constexpr std::string_view kAllUuids = "fffffffff";        // a dash follows the eighth digit

// A plain word in braces, and where it stands.
struct Placeholder {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the brace
  std::string_view word;
};

bool is_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::optional<Placeholder> next_placeholder(std::string_view text, std::size_t from) {
  while (true) {
    const std::size_t begin = text.find('{', from);
    if (begin == std::string_view::npos) return {};
    const std::size_t end = text.find_first_of("{}", begin + 1);
    if (end == std::string_view::npos) return {};
    const std::string_view word = text.substr(begin + 1, end - begin - 1);
    if (text[end] == '}' && is_word(word)) return Placeholder{begin, end + 1, word};
    from = begin + 1;
  }
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// 0.125 of 1250.
std::string fraction(Share share) {
  std::string text =
      fmt::format("{}.{:04}", share.hundredths() / 10000, share.hundredths() % 10000);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string uuid_text(Share share) {
  if (share == Share::all()) return std::string(kAllUuids);
  return fmt::format("{:08x}", share.hundredths() * kUuids / Share::kWhole);
}

std::string value_text(std::string_view word, Share share) {
  if (word == "share") return to_text(share);
  if (word == "flat") return to_text(share.rest());
  if (word == "hundredths") return std::to_string(share.hundredths());
  if (word == "flat_hundredths") return std::to_string(share.rest().hundredths());
  if (word == "share_fraction") return fraction(share);
  if (word == "flat_fraction") return fraction(share.rest());
  return uuid_text(share);
}

std::string name_text(std::string_view word, const Route& route) {
  if (word == "region") return route.region.text();
  if (word == "component") return route.component.text();
  return to_text(route);
}

std::optional<std::uint64_t> number_in(std::string_view text, int base, std::size_t most_digits) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number, base);
  if (text.empty() || text.size() > most_digits || error != std::errc{} || rest != end) return {};
  return number;
}

std::optional<Share> percent_in(std::string_view text) {
  const auto share = parse_share(text);
  if (!share || text.ends_with('%')) return {};
  return *share;
}

std::optional<Share> hundredths_in(std::string_view text) {
  const auto number = number_in(text, 10, 5);
  if (!number || *number > Share::kWhole) return {};
  return Share::of_hundredths(static_cast<std::uint32_t>(*number));
}

// 0, 1, 0.5, 0.1250: at most four decimals, so that nothing is lost.
std::optional<Share> fraction_in(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto whole = number_in(text.substr(0, dot), 10, 1);
  if (!whole) return {};
  std::string decimals;
  if (dot != std::string_view::npos) decimals = text.substr(dot + 1);
  if (decimals.size() > 4 || (dot != std::string_view::npos && decimals.empty())) return {};
  decimals.resize(4, '0');
  const auto rest = number_in(decimals, 10, 4);
  if (!rest || *whole * Share::kWhole + *rest > Share::kWhole) return {};
  return Share::of_hundredths(static_cast<std::uint32_t>(*whole * Share::kWhole + *rest));
}

std::optional<Share> uuid_in(std::string_view text) {
  if (text == kAllUuids) return Share::all();
  const auto number = text.size() == 8 ? number_in(text, 16, 8) : std::nullopt;
  if (!number) return {};
  // The least share whose text is not below it.
  const std::uint64_t hundredths = (*number * Share::kWhole + kUuids - 1) / kUuids;
  return Share::of_hundredths(static_cast<std::uint32_t>(hundredths));
}

std::optional<Share> rest_of(std::optional<Share> flat) {
  if (flat) return flat->rest();
  return flat;
}

std::optional<Share> value_in(std::string_view word, std::string_view text) {
  if (word == "share") return percent_in(text);
  if (word == "flat") return rest_of(percent_in(text));
  if (word == "hundredths") return hundredths_in(text);
  if (word == "flat_hundredths") return rest_of(hundredths_in(text));
  if (word == "share_fraction") return fraction_in(text);
  if (word == "flat_fraction") return rest_of(fraction_in(text));
  return uuid_in(text);
}

}  // namespace

std::string wrong_placeholder(std::string_view text, Holds holds) {
  std::vector<std::string> known(kNames.begin(), kNames.end());
  if (holds == Holds::values) known.insert(known.end(), kValues.begin(), kValues.end());
  std::size_t from = 0;
  while (const auto one = next_placeholder(text, from)) {
    from = one->end;
    if (std::ranges::find(known, one->word) != known.end()) continue;
    const std::string near = nearest(one->word, known);
    return fmt::format(
        "{{{}}} is no placeholder of it; {}",
        one->word,
        near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                     : fmt::format("did you mean {{{}}}?", near)
    );
  }
  return {};
}

std::string wrong_value_text(std::string_view text) {
  const auto first = next_placeholder(text, 0);
  const bool one = first && !next_placeholder(text, first->end);
  if (one && is_one_of(kValues, first->word)) return {};
  return fmt::format("it takes one of {{{}}}", fmt::join(kValues, "}, {"));
}

std::string filled_in(std::string_view text, const Route& route, Share share) {
  std::string filled;
  std::size_t from = 0;
  while (const auto one = next_placeholder(text, from)) {
    filled += text.substr(from, one->begin - from);
    filled +=
        is_one_of(kNames, one->word) ? name_text(one->word, route) : value_text(one->word, share);
    from = one->end;
  }
  return filled += text.substr(from);
}

std::optional<Share> value_read_by(std::string_view pattern, std::string_view text) {
  const auto one = next_placeholder(pattern, 0);
  if (!one) return {};
  const std::string_view before = pattern.substr(0, one->begin);
  const std::string_view behind = pattern.substr(one->end);
  if (text.size() < before.size() + behind.size()) return {};
  if (!text.starts_with(before) || !text.ends_with(behind)) return {};
  text.remove_prefix(before.size());
  text.remove_suffix(behind.size());
  return value_in(one->word, text);
}

std::string_view origin_of(std::string_view url) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kEncrypted = "https://";
  const std::size_t host = url.starts_with(kPlain)
                               ? kPlain.size()
                               : (url.starts_with(kEncrypted) ? kEncrypted.size() : 0);
  if (host == 0) return {};
  const std::string_view origin = url.substr(0, std::min(url.find('/', host), url.size()));
  static constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  const std::string_view authority = origin.substr(host);
  const bool good = !authority.empty() && authority.front() != ':' &&
                    authority.find_first_not_of(kAllowed) == std::string_view::npos;
  return good ? origin : std::string_view{};
}

bool may_carry_token(std::string_view url) {
  const std::string_view origin = origin_of(url);
  if (origin.starts_with("https://")) return true;
  std::string_view host =
      origin.substr(std::min(origin.size(), std::string_view("http://").size()));
  if (host.starts_with("[::1]")) return host.size() == 5 || host[5] == ':';
  host = host.substr(0, host.find(':'));
  if (host == "localhost") return true;
  // 127.0.0.0/8 in four numbers: a name that begins so is somebody else's.
  return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace hal9::migration
