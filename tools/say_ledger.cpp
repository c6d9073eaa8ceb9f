// What is said of proofs: of the whole ledger, of one event, of an export.
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

std::string path_text(const std::vector<Digest>& path) {
  if (path.empty()) return "path: empty\n";
  std::string text = "path:\n";
  for (const Digest& digest : path) text += "  " + to_hex(digest) + "\n";
  return text;
}

std::string ledger_line(const engine::Whereabouts& where) {
  return fmt::format(
      "ledger {} ({})\n", escape_terminal(where.ledger), escape_terminal(where.name)
  );
}

std::string compared_text(const engine::ExportView& view, bool colour) {
  if (view.ledger.empty()) {
    return Terminal::marked(
               Mark::neutral,
               "compared with no ledger: " + escape_terminal(view.not_compared),
               colour
           ) +
           "\n";
  }
  const std::string ledger = escape_terminal(view.ledger);
  if (!view.not_compared.empty()) {
    return Terminal::marked(
               Mark::failed,
               "not compared with " + ledger + ": " + escape_terminal(view.not_compared),
               colour
           ) +
           "\n";
  }
  std::string words = ledger + " has this root at that many events";
  if (!view.root) {
    words = ledger + " has fewer events: it is another one, an older one, or was cut off";
  } else if (!view.same()) {
    words = ledger + " has another root at that many events: " + *view.root;
  }
  return Terminal::marked(view.same() ? Mark::done : Mark::failed, words, colour) + "\n";
}

}  // namespace

std::string verify_text(const engine::VerifyView& view, bool colour) {
  std::string text = fmt::format(
      "ledger {} ({})\n", escape_terminal(view.where.ledger), escape_terminal(view.where.name)
  );
  text += fmt::format(
      "hashed again: {} events, {} interior nodes, {} commands, {} snapshots\nroot computed: {}\n"
      "root in the head: {}\nstate: {}\n",
      view.lines.events,
      view.lines.nodes,
      view.lines.commands,
      view.snapshots,
      to_hex(view.lines.root),
      view.root,
      view.state_digest
  );
  text += seal_check_text(view.seals, colour);
  text += object_check_text(view.objects, colour);
  if (!view.finding) {
    text += Terminal::marked(Mark::done, "every event is as it was recorded", colour) + "\n";
    return text + "next: hal9-migrate timeline\n";
  }
  text += Terminal::marked(
              Mark::failed,
              // 0: of the file as a whole, no event can be named.
              (view.finding->sequence.value == 0
                   ? std::string("the file: ")
                   : fmt::format("event {}: ", view.finding->sequence.value)) +
                  escape_terminal(view.finding->what),
              colour
          ) +
          "\n";
  if (view.snapshots_alone) {
    return text +
           "every line holds; keep a copy, then make the snapshots again\n"
           "next: hal9-migrate ledger rebuild\n";
  }
  return text +
         "keep the file as it is\nnext: hal9-migrate ledger export --output evidence.jsonl\n";
}

std::string inclusion_text(const engine::InclusionView& view, bool colour) {
  const auto& proof = view.proof;
  return ledger_line(view.where) +
         fmt::format(
             "line: {}\nleaf: {}\n{}root: {}\n",
             escape_terminal(proof.line),
             to_hex(proof.leaf),
             path_text(proof.path),
             to_hex(proof.root)
         ) +
         Terminal::marked(
             Mark::done,
             fmt::format("event {} is one of the first {}", proof.sequence.value, proof.size),
             colour
         ) +
         fmt::format(
             "\nnext: hal9-migrate ledger prove {} --size {} --json --output proof.json\n",
             proof.sequence.value,
             proof.size
         );
}

std::string consistency_text(const engine::ConsistencyView& view, bool colour) {
  const auto& proof = view.proof;
  return ledger_line(view.where) +
         fmt::format(
             "root of {}: {}\nroot of {}: {}\n{}",
             proof.old_size,
             to_hex(proof.old_root),
             proof.new_size,
             to_hex(proof.new_root),
             path_text(proof.path)
         ) +
         Terminal::marked(
             Mark::done,
             fmt::format("the first {} events begin the first {}", proof.old_size, proof.new_size),
             colour
         ) +
         fmt::format(
             "\nnext: hal9-migrate ledger prove --consistency {} {} --json --output proof.json\n",
             proof.old_size,
             proof.new_size
         );
}

std::string export_text(const engine::ExportView& view, bool colour) {
  const auto& lines = view.lines;
  std::string text = fmt::format(
      "export {}: {} events of {}\nroot computed: {}\n",
      escape_terminal(view.file),
      lines.lines,
      lines.source.empty() ? "no ledger" : escape_terminal(lines.source),
      to_hex(lines.root)
  );
  if (lines.finding) {
    text +=
        Terminal::marked(
            Mark::failed,
            fmt::format(
                "line {}: {}", lines.finding->sequence.value, escape_terminal(lines.finding->what)
            ),
            colour
        ) +
        "\n";
  } else if (lines.lines == 0) {
    text +=
        Terminal::marked(Mark::failed, "it holds no event: nothing was exported", colour) + "\n";
  } else {
    text += Terminal::marked(Mark::done, "every line is an event, in its place", colour) + "\n";
  }
  if (lines.redacted > 0) {
    text += Terminal::marked(
                Mark::neutral,
                fmt::format("of {} only the hash is there: they are redacted", lines.redacted),
                colour
            ) +
            "\n";
  }
  text += compared_text(view, colour);
  if (!holds(view)) return text + "next: hal9-migrate ledger verify\n";
  text += "whether it is what was recorded is said by a root that was kept elsewhere\n";
  return text + "next: hal9-migrate ledger verify --from " +
         escape_terminal(escape_shell(view.file)) + " --json --output root.json\n";
}

bool holds(const engine::ExportView& view) {
  return !view.lines.finding && view.lines.lines > 0 && (view.ledger.empty() || view.same());
}

}  // namespace hal9::tools
