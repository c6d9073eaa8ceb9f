// The decoders above the ledger: the codec, hal9.yaml, HAProxy's answers, the spool, what is typed.
#include "adapters/config/config_file.h"
#include "adapters/haproxy/answers.h"
#include "adapters/system/spool_lines.h"
#include "base/id.h"
#include "base/name.h"
#include "base/result.h"
#include "base/share.h"
#include "base/time.h"
#include "command_line.h"
#include "engine/spool.h"
#include "fuzz/target.h"
#include "migration/codec.h"
#include "migration/events.h"
#include "migration/state.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace hal9::fuzz {

namespace {

// What was decoded is written in the one way, and read again as the same.
template <class Decode, class Encode>
void holds_its_round(std::string_view bytes, const Decode& decode, const Encode& encode) {
  const auto value = decode(bytes);
  if (!value) {
    demand(!value.error().what.empty(), "a refusal says what is wrong");
    return;
  }
  const std::string written = encode(*value);
  const auto again = decode(written);
  demand(again.has_value() && *again == *value, "what was written is read as the same");
  demand(encode(*again) == written, "and written in the same bytes");
}

// The first line of the input names how the rest is to be read.
std::string_view take_line(std::string_view& bytes) {
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string_view first = bytes.substr(0, end);
  bytes.remove_prefix(std::min(end + 1, bytes.size()));
  return first;
}

}  // namespace

void codec(std::string_view bytes) {
  using namespace migration;
  const std::string_view type = take_line(bytes);
  if (type == "command") {
    holds_its_round(bytes, decode_command, encode_command);
  } else if (type == "state") {
    holds_its_round(bytes, decode_state, encode_state);
  } else if (type == "configuration") {
    holds_its_round(bytes, decode_configuration, encode_configuration);
  } else {
    const auto decode = [&](std::string_view text) { return decode_fact(type, text); };
    holds_its_round(bytes, decode, encode_fact);
    if (const auto fact = decode(bytes)) demand(type_of(*fact) == type, "a fact has its type");
  }
}

void configuration(std::string_view bytes) {
  const auto parsed = config::parse(bytes, "/srv/hal9/hal9.yaml");
  if (!parsed) {
    demand(parsed.error().what.find("hal9.yaml") != std::string::npos, "the file is named");
    return;
  }
  const std::string kept = migration::encode_configuration(*parsed);
  const auto again = migration::decode_configuration(kept);
  demand(again && *again == *parsed, "an accepted configuration is kept as it is");
  demand(migration::digest_of(*again) == migration::digest_of(*parsed), "with its digest");
}

void values(std::string_view bytes) {
  if (const auto time = parse_time(bytes)) demand(to_text(*time) == bytes, "a time has one text");
  if (const auto time = parse_time_loosely(bytes)) {
    const auto exact = parse_time(to_text(*time));
    demand(exact && *exact == *time, "a typed time is one that the ledger can write");
  }
  if (const auto duration = parse_duration(bytes)) {
    demand(
        *duration > Micros{0} && *duration <= std::chrono::days{30}, "a duration is in its range"
    );
    const auto again = parse_duration(to_text(*duration));
    demand(*duration < std::chrono::seconds{1} || again.has_value(), "and can be typed as shown");
  }
  if (const auto share = parse_share(bytes)) {
    const auto again = parse_share(to_text(*share));
    demand(again && *again == *share, "a share can be typed as shown");
  }
  if (const auto name = Name::parse(bytes)) {
    demand(name->text() == bytes && bytes.size() <= 64, "a name is what was given");
    demand(bytes.find_first_of(";\n\r \"'\\") == std::string_view::npos, "and ends no command");
  }
  if (const auto id = parse_uuid(bytes)) demand(to_uuid_text(*id) == bytes, "an id has one text");
}

void answers(std::string_view bytes) {
  using namespace haproxy;
  if (const auto entries = parse_map(bytes)) {
    for (const MapEntry& entry : *entries) {
      demand(!entry.key.empty(), "an entry has a key");
      demand(entry.key.find_first_of(" \n") == std::string::npos, "of one word");
      demand(entry.value.find('\n') == std::string::npos, "and a value of one line");
    }
  }
  if (const auto servers = parse_servers_state(bytes)) {
    for (const ServerState& server : *servers) {
      demand(is_safe_word(server.name), "a server's name can stand in a command");
      demand(is_safe_word(server.backend), "and its backend's");
    }
  }
  std::ignore = parse_new_version(bytes);
  std::ignore = expect_silence(bytes, "set map");
  std::ignore = parse_stat(bytes);
  std::ignore = parse_info(bytes);
  std::ignore = parse_table(bytes);
  demand(
      !expect_silence(bytes, "x") || bytes.find_first_not_of(" \r\n") == std::string_view::npos,
      "words are no silence"
  );
}

void spool(std::string_view bytes) {
  const engine::Spooled read = system::read_spool_lines(std::string(bytes));
  demand(read.bytes <= bytes.size(), "no further than the end");
  std::size_t kept = 0;
  for (const std::string& one : read.unreadable) {
    demand(
        !one.empty() && one.find('\n') == std::string::npos, "what cannot be read is kept by line"
    );
    kept += one.size();
  }
  demand(kept <= bytes.size(), "and nothing is added");
  std::string written;
  for (const auto& command : read.commands) written += migration::encode_command(command) + '\n';
  const engine::Spooled again = system::read_spool_lines(written);
  demand(
      again.commands == read.commands && again.unreadable.empty(), "commands are spooled as read"
  );
}

void words(std::string_view bytes) {
  std::vector<std::string> typed;
  for (std::string_view rest = bytes; !rest.empty() && typed.size() < 40;) {
    typed.emplace_back(take_line(rest));
  }
  const auto parsed = tools::CommandLine::parse(typed);
  if (!parsed) {
    demand(parsed.error().code == Code::usage, "a wrong line is a usage error");
    demand(
        !parsed.error().what.empty() && !parsed.error().next.empty(), "that ends in a line to type"
    );
    return;
  }
  // Each of these either has a value, or says what it takes.
  const auto share = parsed->share();
  demand(share || !share.error().next.empty(), "a wrong percentage names the right line");
  const auto duration = parsed->duration();
  demand(duration || !duration.error().next.empty(), "so does a wrong duration");
  const auto gradual = parsed->gradual();
  demand(gradual || !gradual.error().next.empty(), "and a wrong ramp");
  const auto whole = parsed->whole_operand();
  demand(whole || !whole.error().next.empty(), "and a wrong number");
  const auto phase = parsed->phase("phase", "hal9-migrate status");
  demand(phase || !phase.error().next.empty(), "and a wrong phase");
  demand(
      parsed->with("reason", "x;y 'z'").find('\n') == std::string::npos ||
          bytes.find('\n') != std::string_view::npos,
      "a line stays one line"
  );
}

}  // namespace hal9::fuzz
