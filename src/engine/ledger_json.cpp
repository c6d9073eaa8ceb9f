// The views of proofs, seals, exports and verify in JSON.
#include "base/escape.h"
#include "base/sha256.h"
#include "base/time.h"
#include "engine/json_parts.h"
#include "engine/views.h"
#include "engine/views_json.h"
#include "ledger/verify.h"
#include "migration/phase.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hal9::engine {

namespace {

Json hex_list(const std::vector<Digest>& digests) {
  Json list = Json::array();
  for (const Digest& digest : digests) list.push_back(to_hex(digest));
  return list;
}

Json optional_number(const std::optional<std::uint64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json places_json(const std::vector<SealPlaceView>& places) {
  Json list = Json::array();
  for (const SealPlaceView& place : places) {
    list.push_back(
        {{"location", place.location},
         {"witness", place.witness},
         {"up_to", optional_number(place.up_to)},
         {"problem", place.problem.empty() ? Json(nullptr) : Json(place.problem)}}
    );
  }
  return list;
}

Json finding_json(const std::optional<ledger::Finding>& finding) {
  if (!finding) return nullptr;
  return {{"sequence", finding->sequence.value}, {"what", finding->what}};
}

Json check_json(const SealCheck& check) {
  return {
      {"seals", check.seals},
      {"sealed_to", optional_number(check.sealed_to)},
      {"witnessed_to", optional_number(check.witnessed_to)},
      {"complete", check.complete},
      {"finding", finding_json(check.finding)},
      {"places", places_json(check.places)}
  };
}

Json check_json(const ObjectCheck& check) {
  return {
      {"location", check.location},
      {"checked", check.checked},
      {"finding", finding_json(check.finding)},
      {"problem", nullable(check.problem)}
  };
}

}  // namespace

// Bytes that are no text, as a program may have put out, are told by their number alone.
Json to_json(const ObjectView& view) {
  return {
      {"where", where_json(view.where)},
      {"object", view.object},
      {"bytes", view.content.size()},
      {"text", is_utf8(view.content) ? Json(view.content) : Json(nullptr)}
  };
}

Json to_json(const SealView& view) {
  return {
      {"where", where_json(view.where)},
      {"size", view.size},
      {"root", view.root},
      {"key", view.key},
      {"note", view.note.empty() ? Json(nullptr) : Json(view.note)},
      {"places", places_json(view.places)}
  };
}

Json to_json(const SealsView& view) {
  Json seals = Json::array();
  for (const SealRow& row : view.seals) {
    seals.push_back(
        {{"size", row.size},
         {"root", row.root},
         {"keys", row.keys},
         {"next_key", row.next_key.empty() ? Json(nullptr) : Json(row.next_key)},
         {"location", row.location}}
    );
  }
  return {
      {"where", where_json(view.where)},
      {"seals", std::move(seals)},
      {"check", check_json(view.check)}
  };
}

Json to_json(const KeysView& view) {
  Json keys = Json::array();
  for (const KeyRow& row : view.keys) {
    keys.push_back(
        {{"verifier", row.verifier}, {"from", row.from}, {"retired", optional_number(row.retired)}}
    );
  }
  Json json{{"where", where_json(view.where)}, {"keys", std::move(keys)}};
  if (!view.places.empty()) json["places"] = places_json(view.places);
  return json;
}

Json to_json(const SealFileView& view) {
  return {
      {"where", where_json(view.where)},
      {"file", view.file},
      {"holds", view.holds()},
      {"origin", view.head.origin},
      {"size", view.head.size},
      {"sealed_root", to_hex(view.head.root)},
      {"root", view.root.empty() ? Json(nullptr) : Json(view.root)},
      {"key", view.key},
      {"key_from_ledger", view.own_word}
  };
}

Json to_json(const OpenedView& view) {
  return {
      {"where", where_json(view.where)},
      {"name", view.name},
      {"evidence", view.evidence},
      {"format", view.format},
      {"events", view.head.value},
      {"head_root", view.root},
      {"first_recorded", view.first ? Json(to_text(*view.first)) : Json(nullptr)},
      {"last_recorded", view.last ? Json(to_text(*view.last)) : Json(nullptr)},
      {"phase", migration::to_text(view.phase)},
      {"seals", check_json(view.seals)}
  };
}

Json to_json(const RebuiltView& view) {
  return {
      {"where", where_json(view.where)},
      {"events", view.up_to.value},
      {"snapshots", view.snapshots},
      {"state_digest", view.state_digest}
  };
}

Json to_json(const BackupView& view) {
  return {
      {"where", where_json(view.where)},
      {"folder", view.folder},
      {"ledger", view.ledger},
      {"events", view.head.value},
      {"root", view.root},
      {"state_digest", view.state_digest},
      {"bytes", view.bytes},
      {"seals", view.seals},
      {"objects", view.objects},
      {"problem", nullable(view.problem)}
  };
}

Json to_json(const ImportedView& view) {
  return {
      {"file", view.file},
      {"ledger", view.ledger},
      {"name", view.name},
      {"events", view.head.value},
      {"root", view.root},
      {"state_digest", view.state_digest},
      {"snapshots", view.snapshots}
  };
}

Json to_json(const VerifyView& view) {
  return {
      {"where", where_json(view.where)},
      {"verified", !view.finding.has_value()},
      {"events", view.lines.events},
      {"head_sequence", view.head.value},
      {"head_root", view.root},
      {"root", to_hex(view.lines.root)},
      {"nodes", view.lines.nodes},
      {"commands", view.lines.commands},
      {"snapshots", view.snapshots},
      {"state_digest", view.state_digest},
      {"seals", check_json(view.seals)},
      {"objects", check_json(view.objects)},
      {"finding", finding_json(view.finding)}
  };
}

Json to_json(const InclusionView& view) {
  return {
      {"where", where_json(view.where)},
      {"proves", "inclusion"},
      {"sequence", view.proof.sequence.value},
      {"index", view.proof.sequence.value - 1},
      {"size", view.proof.size},
      {"line", view.proof.line},
      {"leaf", to_hex(view.proof.leaf)},
      {"path", hex_list(view.proof.path)},
      {"root", to_hex(view.proof.root)}
  };
}

Json to_json(const ConsistencyView& view) {
  return {
      {"where", where_json(view.where)},
      {"proves", "consistency"},
      {"old_size", view.proof.old_size},
      {"new_size", view.proof.new_size},
      {"old_root", to_hex(view.proof.old_root)},
      {"new_root", to_hex(view.proof.new_root)},
      {"path", hex_list(view.proof.path)}
  };
}

Json to_json(const ExportView& view) {
  Json finding = nullptr;
  if (view.lines.finding) {
    finding = {{"line", view.lines.finding->sequence.value}, {"what", view.lines.finding->what}};
  }
  return {
      {"file", view.file},
      {"right", !view.lines.finding.has_value()},
      {"events", view.lines.lines},
      {"redacted", view.lines.redacted},
      {"source", nullable(view.lines.source)},
      {"root", to_hex(view.lines.root)},
      {"finding", std::move(finding)},
      {"ledger", nullable(view.ledger)},
      {"ledger_root", view.root ? Json(*view.root) : Json(nullptr)},
      {"not_compared", nullable(view.not_compared)},
      {"same", view.same()}
  };
}

}  // namespace hal9::engine
