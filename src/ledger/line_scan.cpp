#include "ledger/line_scan.h"

#include "base/hex.h"
#include "base/id.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/line_parts.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace hal9::ledger {

namespace {

// Every function is past what it has read, or false. A string's function is past its closing quote.
class LineScan {
 public:
  explicit LineScan(std::string_view line) : at_(line.data()), end_(at_ + line.size()) {}

  bool read(Event& event) {
    Draft& draft = event.draft;
    return accept(R"({"specversion":"1.0","id":")") && id(draft.id.bytes) &&
           accept(R"(,"source":")") && source(event.source) && accept(R"(,"type":")") &&
           type(draft.type) && subject(draft.subject) && accept(R"(,"time":")") &&
           time(draft.time) && accept(R"(,"sequence":")") && sequence(event.sequence) &&
           accept(R"(,"recordedtime":")") && time(event.recorded) && author(draft.author) &&
           reason(draft.reason) && accept(R"(,"correlationid":")") && id(draft.correlation.bytes) &&
           causation(draft) && nonce(draft) && accept(R"(,"data":)") && data(draft.data);
  }

 private:
  [[nodiscard]] std::size_t rest() const { return static_cast<std::size_t>(end_ - at_); }

  // By a literal, so that comparing is a few instructions and no call.
  template <std::size_t N>
  bool accept(const char (&literal)[N]) {
    if (rest() < N - 1 || std::memcmp(at_, literal, N - 1) != 0) return false;
    at_ += N - 1;
    return true;
  }
  // What stands here of these characters, a quote being none of them.
  std::string_view run(Part part) {
    const char* const begin = at_;
    while (at_ != end_ && is_part(part, *at_)) ++at_;
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }
  bool text(Part part, std::size_t most, std::string& into) {
    const std::string_view found = run(part);
    into = found;
    return !found.empty() && found.size() <= most && accept("\"");
  }
  bool word() {
    const std::string_view found = run(kWord);
    return !found.empty() && found.size() <= kMaxWord && found.front() >= 'a' &&
           found.front() <= 'z';
  }
  bool word(std::string& into) {
    const char* const begin = at_;
    if (!word()) return false;
    into.assign(begin, at_);
    return accept("\"");
  }

  bool id(Bytes16& into) {
    if (rest() < kUuidLength || !parse_uuid({at_, kUuidLength}, into)) return false;
    at_ += kUuidLength;
    return accept("\"");
  }
  bool source(std::string& into) {
    const char* const begin = at_;
    if (!accept("/hal9/ledger/")) return false;
    const std::string_view name = run(kSubject);  // a name's characters
    into.assign(begin, at_);
    return !name.empty() && name.size() <= kMaxWord && accept("\"");
  }
  bool type(std::string& into) {
    const char* const begin = at_;
    if (!accept("hal9.") || !word() || !accept(".") || !word() || !accept(".v")) return false;
    const char* const version = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    if (at_ == version || at_ - version > 3 || *version == '0') return false;
    into.assign(begin, at_);
    return into.size() <= kMaxType && accept("\"");
  }
  bool subject(std::string& into) {
    into.clear();
    return !accept(R"(,"subject":")") || text(kSubject, kMaxSubject, into);
  }
  bool time(Time& into) {
    if (rest() < kTimeLength || !parse_time({at_, kTimeLength}, into)) return false;
    at_ += kTimeLength;
    return accept("\"");
  }
  // Behind a zero, the digits that are left always fit.
  bool sequence(Sequence& into) {
    if (rest() < kSequenceDigits || *at_ != '0') return false;
    const char* const behind = at_ + kSequenceDigits;
    while (at_ != behind && *at_ == '0') ++at_;
    std::uint64_t value = 0;
    for (; at_ != behind; ++at_) {
      if (*at_ < '0' || *at_ > '9') return false;
      value = value * 10 + static_cast<std::uint64_t>(*at_ - '0');
    }
    into.value = value;
    return value != 0 && accept("\"");
  }
  bool author(Author& into) {
    if (!accept(R"(,"authtype":")") || !word(into.auth_type)) return false;
    if (!accept(R"(,"authid":")") || !text(kActor, kMaxActor, into.auth_id)) return false;
    into.role.clear();
    if (accept(R"(,"role":")") && !word(into.role)) return false;
    return accept(R"(,"via":")") && word(into.via);
  }
  bool reason(std::string& into) {
    into.clear();
    return !accept(R"(,"reason":")") || text(kReason, kMaxReasonBytes, into);
  }
  bool causation(Draft& into) {
    into.causation.reset();
    return !accept(R"(,"causationid":")") || id(into.causation.emplace().bytes);
  }
  bool nonce(Draft& into) {
    into.nonce.reset();
    if (!accept(R"(,"nonce":")")) return into.reason.empty();
    Nonce& nonce = into.nonce.emplace();
    if (rest() < 2 * nonce.size()) return false;
    bool holds = true;
    for (std::size_t i = 0; i < nonce.size(); i += 4, at_ += 8) {
      holds = read_hex<8>(at_, &nonce[i]) && holds;
    }
    return holds && accept("\"");
  }
  // All there is, but for the line's closing bracket.
  bool data(std::string& into) {
    if (at_ == end_ || end_[-1] != '}') return false;
    into.assign(at_, end_ - 1);
    at_ = end_;
    return true;
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool scan_line(std::string_view line, Event& into) {
  return LineScan(line).read(into);
}

}  // namespace hal9::ledger
