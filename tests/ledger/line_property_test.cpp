// decode and encode are inverses of each other, byte for byte.
#include "base/escape.h"
#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/line.h"
#include "ledger/line_scan.h"
#include "ledger/support.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9::ledger {

namespace {

// Text of every class of character that an escaper knows.
rc::Gen<std::string> text_gen(std::size_t most) {
  const auto piece = rc::gen::element<std::string>(
      "a",
      "Z",
      "0",
      " ",
      "\"",
      "\\",
      "/",
      "\n",
      "\r",
      "\t",
      "\b",
      "\f",
      std::string(1, '\0'),
      "\x01",
      "\x1f",
      "\x7f",
      "é",
      "\u2028",
      "漢",
      "😀",
      "{",
      "}",
      ",",
      ":"
  );
  return rc::gen::exec([=] {
    const auto count = *rc::gen::inRange<std::size_t>(0, most);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += *piece;
    return text;
  });
}

template <class T>
T id_gen() {
  T id;
  for (auto& byte : id.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  return id;
}

Time time_gen() {
  return Time(Micros(*rc::gen::inRange<std::int64_t>(0, 253402300799999999)));
}

std::string json_gen(int depth) {
  const auto kind = *rc::gen::inRange(0, depth > 3 ? 4 : 6);
  if (kind == 0)
    return std::to_string(*rc::gen::inRange<std::int64_t>(-9007199254740991, 1LL << 53));
  if (kind == 1) return "\"" + escape_json(*text_gen(6)) + "\"";
  if (kind == 2) return *rc::gen::element<std::string>("true", "false", "null");
  if (kind == 3) return *rc::gen::element<std::string>("0.5", "-1.25", "1e3", "[]", "{}");
  std::string inside;
  const auto count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    if (i > 0) inside += ',';
    if (kind == 5) inside += "\"k" + std::to_string(i) + "\":";
    inside += json_gen(depth + 1);
  }
  return kind == 5 ? "{" + inside + "}" : "[" + inside + "]";
}

Event event_gen() {
  Event event = bare_event();
  Draft& draft = event.draft;
  draft.id = id_gen<EventId>();
  draft.type = *rc::gen::element<std::string>("hal9.a.b.v1", "hal9.route_x.seen_2.v12");
  draft.subject = *rc::gen::element<std::string>("", "all", "eu-west-1.protocol", "A_b.C-9");
  draft.time = time_gen();
  draft.author.auth_id = *rc::gen::element<std::string>("os:alice", "system:spool", "a", "!~");
  draft.author.role = *rc::gen::element<std::string>("", "operator", "lead_2");
  draft.reason = *text_gen(20);
  draft.correlation = id_gen<CorrelationId>();
  if (*rc::gen::arbitrary<bool>()) draft.causation = id_gen<CommandId>();
  if (!draft.reason.empty() || *rc::gen::arbitrary<bool>()) {
    draft.nonce = id_gen<EventId>().bytes;
  }
  draft.data = "{\"v\":" + json_gen(1) + "}";
  event.sequence = Sequence{*rc::gen::inRange<std::uint64_t>(1, UINT64_MAX)};
  event.recorded = time_gen();
  return event;
}

RC_GTEST_PROP(LineProperty, WhatWasWrittenIsReadBack, ()) {
  const Event event = event_gen();
  RC_ASSERT(check_draft(event.draft).has_value());
  const std::string line = encode(event);
  RC_ASSERT(line.find('\n') == std::string::npos);
  const auto read = decode(line);
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == event);
}

RC_GTEST_PROP(LineProperty, WhatIsReadIsWrittenAgainByteForByte, ()) {
  std::string line = encode(event_gen());
  const auto edits = *rc::gen::inRange(0, 3);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, line.size());
    line[at] = *rc::gen::oneOf(
        rc::gen::element('"', '\\', 'u', '0', ' ', '}', ','), rc::gen::arbitrary<char>()
    );
  }
  const auto read = decode(line);
  if (read) RC_ASSERT(encode(*read) == line);
  RC_ASSERT(edits > 0 || read.has_value());
}

// What the quick reader takes, the reader of the whole grammar takes as the same event.
RC_GTEST_PROP(LineProperty, BothReadersReadTheSame, ()) {
  Event written = event_gen();
  if (*rc::gen::arbitrary<bool>()) written.draft.reason = "plain: p99 {up}";
  if (!written.draft.reason.empty() && !written.draft.nonce) written.draft.nonce = Nonce{7};
  if (*rc::gen::arbitrary<bool>()) written.sequence.value %= 1000000;
  std::string line = encode(written);
  const auto edits = *rc::gen::inRange(0, 2);
  for (int i = 0; i < edits; ++i) {
    // Members stand before the data.
    const auto at = *rc::gen::inRange<std::size_t>(0, line.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        line[at] = *rc::gen::elementOf(std::string("0129afgAGoOvz-:.TZ\"\\{}, _!~\x7F\xC3"));
        break;
      case 1:
        line.erase(at, *rc::gen::inRange<std::size_t>(1, 4));
        break;
      default:
        line.insert(at, 1, *rc::gen::elementOf(std::string("0aZ \"\\,.")));
    }
  }
  Event quick = full_event();
  Event whole;
  const bool taken = scan_line(line, quick);
  const bool is_event = read_line(line, false, whole).has_value();
  RC_TAG(taken);
  if (taken) {
    RC_ASSERT(is_event);
    RC_ASSERT(quick == whole);
    RC_ASSERT(encode(quick) == line);
  }
  // A road that nobody takes would agree with everything.
  const bool is_plain = written.draft.reason.empty() || written.draft.reason.starts_with("plain");
  RC_ASSERT(taken || edits > 0 || !is_plain || written.sequence.value >= 10000000000000000000U);
}

// The line is what it claims to be: JSON, and a parser that is not ours reads the same values.
RC_GTEST_PROP(LineProperty, AnotherParserReadsTheSame, ()) {
  const Event event = event_gen();
  const auto json = nlohmann::json::parse(encode(event));
  RC_ASSERT(json["specversion"] == "1.0");
  RC_ASSERT(json["id"] == to_text(event.draft.id));
  RC_ASSERT(json.value("reason", "") == event.draft.reason);
  RC_ASSERT(json["data"] == nlohmann::json::parse(event.draft.data));
}

}  // namespace

}  // namespace hal9::ledger
