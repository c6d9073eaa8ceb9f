// Every line that a test appends is held against its JSON Schema: the stores of the tests are looked
// through when they are dropped, and what does not fit fails the test that wrote it.
#pragma once

#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/json_schema.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace hal9::migration::test {

// `check` is check_line or check_envelope.
inline void expect_valid_lines(
    ledger::Reader& reader, std::string (*check)(std::string_view) = check_line
) {
  const auto read = reader.scan({}, [&](ledger::Sequence sequence, std::string_view line) {
    const std::string problem = check(line);
    if (!problem.empty())
      ADD_FAILURE() << "event " << sequence.value << ": " << problem << "\n" << line;
    return true;
  });
  if (!read) ADD_FAILURE() << "its lines cannot be read: " << read.error().what;
}

}  // namespace hal9::migration::test
