// The one JSON codec of facts, commands and configurations. Members in fixed order, no blanks;
// decoding is strict about types and lenient about nothing: unknown members are refused, since a
// later version that adds one is a new event version.
#pragma once

#include "base/result.h"
#include "base/sha256.h"
#include "migration/commands.h"
#include "migration/configuration.h"
#include "migration/events.h"

#include <string>
#include <string_view>

namespace hal9::migration {

// The `data` of a line. Shares are integers in hundredths of a percent; times the ledger's text;
// routes and phases their text.
std::string encode_fact(const Fact& fact);
// Error: damaged, naming type and member.
Result<Fact> decode_fact(std::string_view type, std::string_view data);

// The whole command, its meta data included: what the idempotency digest is taken over.
std::string encode_command(const Command& command);
Result<Command> decode_command(std::string_view json);

std::string encode_configuration(const Configuration& configuration);
Result<Configuration> decode_configuration(std::string_view json);
Digest digest_of(const Configuration& configuration);

// Of a router over HTTP, as the program that speaks to it is told.
std::string encode_http_settings(const HttpSettings& settings);
Result<HttpSettings> decode_http_settings(std::string_view json);

}  // namespace hal9::migration
