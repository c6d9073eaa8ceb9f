// What is said of seals and keys.
#include "base/escape.h"
#include "base/sha256.h"
#include "engine/views.h"
#include "say.h"
#include "terminal.h"

#include <string>
#include <vector>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

std::string marked_line(Mark mark, const std::string& words, bool colour) {
  return Terminal::marked(mark, words, colour) + "\n";
}

std::string ledger_line(const engine::Whereabouts& where) {
  return fmt::format(
      "ledger {} ({})\n", escape_terminal(where.ledger), escape_terminal(where.name)
  );
}

std::string place_name(const engine::SealPlaceView& place) {
  return (place.witness ? "witness " : "beside the ledger ") + escape_terminal(place.location);
}

std::string place_line(const engine::SealPlaceView& place, bool colour) {
  const std::string held = place.up_to ? fmt::format("up to event {}", *place.up_to) : "no seal";
  std::string line = place_name(place) + ": ";
  if (place.problem.empty()) {
    return marked_line(place.up_to ? Mark::done : Mark::neutral, line + held, colour);
  }
  if (place.up_to) line += held + "; ";
  return marked_line(Mark::failed, line + escape_terminal(place.problem), colour);
}

bool has_witness(const std::vector<engine::SealPlaceView>& places) {
  for (const auto& place : places) {
    if (place.witness) return true;
  }
  return false;
}

}  // namespace

std::string seal_check_text(const engine::SealCheck& check, bool colour) {
  std::string text = fmt::format(
      "sealed: {}; witnessed: {}\n",
      check.sealed_to ? fmt::format("up to event {}", *check.sealed_to) : "nothing",
      check.witnessed_to          ? fmt::format("up to event {}", *check.witnessed_to)
      : has_witness(check.places) ? "nothing"
                                  : "nothing, no witness was asked (seals: in hal9.yaml names them)"
  );
  for (const auto& place : check.places) {
    if (!place.problem.empty()) text += place_line(place, colour);
  }
  return text;
}

std::string seal_text(const engine::SealView& view, bool colour) {
  std::string text = ledger_line(view.where);
  text += fmt::format("root of {}: {}\nkey: {}\n", view.size, view.root, view.key);
  for (const auto& place : view.places) text += place_line(place, colour);
  text += marked_line(
      Mark::done,
      view.note.empty() ? fmt::format("the first {} events were sealed before", view.size)
                        : fmt::format("the first {} events are sealed", view.size),
      colour
  );
  return text + "next: hal9-migrate ledger seals\n";
}

std::string seals_text(const engine::SealsView& view, bool colour) {
  std::string text = ledger_line(view.where);
  for (const auto& row : view.seals) {
    text += fmt::format("{:>10}  {}  by", row.size, row.root.substr(0, 16));
    for (const auto& key : row.keys) text += " " + key;
    if (!row.next_key.empty()) text += "  (from here on " + row.next_key + ")";
    text += "  " + escape_terminal(row.location) + "\n";
  }
  for (const auto& place : view.check.places) text += place_line(place, colour);
  if (!view.check.finding) {
    text += view.check.seals == 0
                ? marked_line(Mark::neutral, "nothing was sealed yet", colour)
                : marked_line(Mark::done, "the ledger's tree is what was sealed", colour) +
                      "its lines are hashed again by verify\n";
    return text + (view.check.seals == 0 ? "next: hal9-migrate ledger seal\n"
                                         : "next: hal9-migrate ledger verify\n");
  }
  text += marked_line(Mark::failed, escape_terminal(view.check.finding->what), colour);
  return text +
         "keep the file as it is\nnext: hal9-migrate ledger export --output evidence.jsonl\n";
}

std::string keys_text(const engine::KeysView& view, bool colour) {
  std::string text = ledger_line(view.where);
  for (const auto& key : view.keys) {
    text += key.verifier + "\n";
    text += key.retired     ? fmt::format("  signed up to event {}\n", *key.retired)
            : key.from == 0 ? std::string("  signs\n")
                            : fmt::format("  signs since event {}\n", key.from);
  }
  for (const auto& place : view.places) text += place_line(place, colour);
  if (view.keys.empty()) {
    return text + "no key yet: the first seal makes it\nnext: hal9-migrate ledger seal\n";
  }
  return text +
         "whoever trusts nobody keeps the first line elsewhere\n"
         "next: hal9-migrate ledger keys --json --output keys.json\n";
}

std::string seal_file_text(const engine::SealFileView& view, bool colour) {
  std::string text = ledger_line(view.where);
  text += fmt::format(
      "seal {}: {} events of {}\nsigned by: {}\nroot in the seal: {}\n",
      escape_terminal(view.file),
      view.head.size,
      escape_terminal(view.head.origin),
      view.key,
      to_hex(view.head.root)
  );
  if (view.own_word) {
    text += marked_line(
        Mark::neutral,
        "the key is what this ledger says; --key takes one that was kept elsewhere",
        colour
    );
  }
  if (view.holds()) {
    return text +
           marked_line(
               Mark::done,
               fmt::format("the first {} events are those that were sealed", view.head.size),
               colour
           ) +
           "next: hal9-migrate ledger verify\n";
  }
  text += marked_line(
      Mark::failed,
      view.root.empty() ? "this ledger has fewer events: its end is missing, or it is an older file"
                        : "this ledger has another root at that many events: " + view.root,
      colour
  );
  return text +
         "keep the file as it is\nnext: hal9-migrate ledger export --output evidence.jsonl\n";
}

}  // namespace hal9::tools
