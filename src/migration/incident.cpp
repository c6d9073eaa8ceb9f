#include "migration/incident.h"

#include "migration/words.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::migration {

std::string to_text(IncidentId id) {
  return std::to_string(id.opened.value);
}
std::string to_text(Severity severity) {
  return word_of(severity);
}
std::string to_text(IncidentsBy by) {
  return word_of(by);
}
std::optional<Severity> parse_severity(std::string_view text) {
  return from_word<Severity>(text);
}

std::string subject_of(IncidentId id) {
  return "incident-" + to_text(id);
}

void merge(std::vector<ExternalId>& ids, const std::vector<ExternalId>& added) {
  for (const auto& one : added) {
    const auto known = std::ranges::find(ids, one.system, &ExternalId::system);
    if (known == ids.end()) {
      ids.push_back(one);
    } else {
      known->id = one.id;
    }
  }
}

}  // namespace hal9::migration
