#include "ledger/line.h"

#include "base/escape.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/cursor.h"
#include "ledger/line_parts.h"
#include "ledger/line_scan.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace hal9::ledger {

namespace {

bool all_are(Part part, std::string_view text) {
  std::uint8_t common = 0xFF;
  for (const char c : text) common &= kParts[static_cast<unsigned char>(c)];
  return (common & part) != 0;
}

// One or more of [a-z0-9_] behind a letter.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kMaxWord && text.front() >= 'a' && text.front() <= 'z' &&
         all_are(kWord, text);
}

// hal9.<area>.<fact>.v<number>
bool is_type(std::string_view text) {
  if (!text.starts_with("hal9.") || text.size() > kMaxType) return false;
  text.remove_prefix(5);
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind(".v");
  if (first == std::string_view::npos || last == std::string_view::npos || last <= first) {
    return false;
  }
  const std::string_view version = text.substr(last + 2);
  return is_word(text.substr(0, first)) && is_word(text.substr(first + 1, last - first - 1)) &&
         !version.empty() && version.size() <= 3 && version.front() != '0' &&
         std::ranges::all_of(version, [](char c) { return c >= '0' && c <= '9'; });
}

// Printable ASCII without quote and backslash: what an actor's id may hold unescaped.
bool is_actor(std::string_view text) {
  return !text.empty() && text.size() <= kMaxActor && all_are(kActor, text);
}

// A name, or two with a dot between: `region.component`.
bool is_subject(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSubject && all_are(kSubject, text);
}

std::string nonce_text(const Nonce& nonce) {
  std::string text;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t byte : nonce) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::optional<Nonce> parse_nonce(std::string_view text) {
  if (text.size() != 32) return {};
  Nonce nonce{};
  for (std::size_t i = 0; i < 32; ++i) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return {};
    const int value = digit ? c - '0' : c - 'a' + 10;
    nonce[i / 2] = static_cast<std::uint8_t>(nonce[i / 2] * 16 + value);
  }
  return nonce;
}

// The undoing of escape_json; nothing for a text that escape_json would not have written.
std::optional<std::string> unescape(std::string_view raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      text += raw[i];
      continue;
    }
    if (++i >= raw.size()) return {};
    constexpr std::string_view kShort = "\"\\bfnrt";
    constexpr std::string_view kMeaning = "\"\\\b\f\n\r\t";
    if (const std::size_t found = kShort.find(raw[i]); found != std::string_view::npos) {
      text += kMeaning[found];
      continue;
    }
    if (raw[i] != 'u' || i + 4 >= raw.size()) return {};
    int point = 0;
    for (std::size_t k = 1; k <= 4; ++k) {
      const char c = raw[i + k];
      const bool digit = c >= '0' && c <= '9';
      if (!digit && (c < 'a' || c > 'f')) return {};
      point = point * 16 + (digit ? c - '0' : c - 'a' + 10);
    }
    if (point >= 0x20) return {};
    text += static_cast<char>(point);
    i += 4;
  }
  if (escape_json(text) != raw) return {};
  return text;
}

// Reads the members in their order; what does not fit fails the cursor with the member's name.
class LineReader {
 public:
  LineReader(std::string_view line, bool check_data, Event& into)
      : cursor_(line), check_data_(check_data), event_(into) {}

  Result<void> read() {
    cursor_.expect("{\"specversion\":\"1.0\"", "specversion");
    Draft& draft = event_.draft;
    take("id", EventId::parse(member("id")), draft.id);
    event_.source = member("source");
    if (!source_is_named()) cursor_.fail("source");
    draft.type = member("type");
    if (!is_type(draft.type)) cursor_.fail("type");
    draft.subject.clear();
    if (auto subject = optional_member("subject")) {
      draft.subject = *subject;
      if (!is_subject(draft.subject)) cursor_.fail("subject");
    }
    take("time", parse_time(member("time")), draft.time);
    read_sequence();
    take("recordedtime", parse_time(member("recordedtime")), event_.recorded);
    read_author();
    read_reason();
    take("correlationid", CorrelationId::parse(member("correlationid")), draft.correlation);
    draft.causation.reset();
    if (auto causation = optional_member("causationid")) {
      CommandId id;
      take("causationid", CommandId::parse(*causation), id);
      draft.causation = id;
    }
    draft.nonce.reset();
    if (auto nonce = optional_member("nonce")) {
      draft.nonce = parse_nonce(*nonce);
      if (!draft.nonce) cursor_.fail("nonce");
    }
    cursor_.expect(",\"data\":", "data");
    draft.data = cursor_.rest_before("}", "end of line");
    return finish();
  }

 private:
  // By a literal, so that comparing is a few instructions and no call: `id` for `,"id":"`.
  template <std::size_t N>
  std::string_view member(const char (&name)[N]) {
    const auto value = optional_member(name);
    if (!value) cursor_.fail({name, N - 1});
    return value.value_or(std::string_view{});
  }
  template <std::size_t N>
  std::optional<std::string_view> optional_member(const char (&name)[N]) {
    if (!cursor_.accept_member(name)) return {};
    return cursor_.raw_string({name, N - 1});
  }

  template <class T>
  void take(std::string_view name, Result<T> parsed, T& into) {
    if (parsed) {
      into = std::move(*parsed);
    } else {
      cursor_.fail(name);
    }
  }

  bool source_is_named() {
    return event_.source.starts_with(kSourcePrefix) &&
           Name::parse(std::string_view(event_.source).substr(kSourcePrefix.size())).has_value();
  }

  void read_sequence() {
    const std::string_view digits = member("sequence");
    std::uint64_t value = 0;
    bool fits = digits.size() == kSequenceDigits;
    for (const char c : digits) {
      const auto digit = static_cast<std::uint64_t>(c - '0');
      fits = fits && c >= '0' && c <= '9' && value <= (UINT64_MAX - digit) / 10;
      value = value * 10 + digit;
    }
    if (!fits || value == 0) cursor_.fail("sequence");
    event_.sequence = Sequence{value};
  }

  void read_author() {
    Author& author = event_.draft.author;
    author.auth_type = member("authtype");
    if (!is_word(author.auth_type)) cursor_.fail("authtype");
    author.auth_id = member("authid");
    if (!is_actor(author.auth_id)) cursor_.fail("authid");
    author.role.clear();
    if (auto role = optional_member("role")) {
      author.role = *role;
      if (!is_word(author.role)) cursor_.fail("role");
    }
    author.via = member("via");
    if (!is_word(author.via)) cursor_.fail("via");
  }

  void read_reason() {
    event_.draft.reason.clear();
    auto raw = optional_member("reason");
    if (!raw) return;
    auto reason = unescape(*raw);
    if (!reason || reason->empty() || reason->size() > kMaxReasonBytes || !is_utf8(*reason)) {
      cursor_.fail("reason");
      return;
    }
    event_.draft.reason = std::move(*reason);
  }

  Result<void> finish() {
    const Draft& draft = event_.draft;
    if (!draft.reason.empty() && !draft.nonce) cursor_.fail("nonce");
    std::string why;
    if (check_data_ && !cursor_.failed()) {
      auto data = check_data(draft.data);
      if (!data) {
        why = ": " + data.error().why;
        cursor_.fail("data");
      }
    }
    if (cursor_.failed()) {
      return fail(
          Code::damaged,
          fmt::format(
              "the line is not an event's: {} at byte {}{}",
              cursor_.what(),
              cursor_.failed_at(),
              why
          )
      );
    }
    return {};
  }

  Cursor cursor_;
  bool check_data_;
  Event& event_;
};

std::string sequence_text(Sequence sequence) {
  std::string text(kSequenceDigits, '0');
  std::uint64_t rest = sequence.value;
  for (std::size_t at = text.size(); rest != 0; rest /= 10) {
    text[--at] = static_cast<char>('0' + rest % 10);
  }
  return text;
}

void append_member(std::string& line, std::string_view name, std::string_view value) {
  line += ",\"";
  line += name;
  line += "\":\"";
  line += value;
  line += '"';
}

}  // namespace

std::string source_of(std::string_view ledger_name) {
  return std::string(kSourcePrefix) + std::string(ledger_name);
}

std::string encode(const Event& event) {
  const Draft& draft = event.draft;
  std::string line;
  line.reserve(512 + draft.data.size() + draft.reason.size());
  line += "{\"specversion\":\"1.0\"";
  append_member(line, "id", to_text(draft.id));
  append_member(line, "source", event.source);
  append_member(line, "type", draft.type);
  if (!draft.subject.empty()) append_member(line, "subject", draft.subject);
  append_member(line, "time", to_text(draft.time));
  append_member(line, "sequence", sequence_text(event.sequence));
  append_member(line, "recordedtime", to_text(event.recorded));
  append_member(line, "authtype", draft.author.auth_type);
  append_member(line, "authid", draft.author.auth_id);
  if (!draft.author.role.empty()) append_member(line, "role", draft.author.role);
  append_member(line, "via", draft.author.via);
  if (!draft.reason.empty()) append_member(line, "reason", escape_json(draft.reason));
  append_member(line, "correlationid", to_text(draft.correlation));
  if (draft.causation) append_member(line, "causationid", to_text(*draft.causation));
  if (draft.nonce) append_member(line, "nonce", nonce_text(*draft.nonce));
  line += ",\"data\":";
  line += draft.data;
  line += '}';
  return line;
}

Result<void> read_line(std::string_view line, bool check_data, Event& into) {
  return LineReader(line, check_data, into).read();
}

Result<Event> decode(std::string_view line) {
  Result<Event> event{Event{}};
  auto read = decode(line, *event);
  if (!read) return pass_on(read);
  return event;
}

Result<void> decode(std::string_view line, Event& into) {
  if (scan_line(line, into) && check_data(into.draft.data)) return {};
  return read_line(line, true, into);
}

Result<void> decode_for_fold(std::string_view line, Event& into) {
  if (scan_line(line, into)) return {};
  return read_line(line, false, into);
}

Result<void> check_draft(const Draft& draft) {
  const auto refused = [](const std::string& member) {
    return fail(
        Code::failed,
        fmt::format("an event cannot be recorded: its {} is not as it has to be", member),
        "this is a mistake of this program",
        "nothing was recorded"
    );
  };
  if (!is_type(draft.type)) return refused("type");
  if (!draft.subject.empty() && !is_subject(draft.subject)) return refused("subject");
  if (!is_word(draft.author.auth_type)) return refused("authtype");
  if (!is_actor(draft.author.auth_id)) return refused("authid");
  if (!draft.author.role.empty() && !is_word(draft.author.role)) return refused("role");
  if (!is_word(draft.author.via)) return refused("via");
  if (draft.reason.size() > kMaxReasonBytes || !is_utf8(draft.reason)) return refused("reason");
  if (!draft.reason.empty() && !draft.nonce) return refused("nonce");
  auto data = check_data(draft.data);
  if (!data) return refused("data (" + data.error().why + ")");
  return {};
}

}  // namespace hal9::ledger
