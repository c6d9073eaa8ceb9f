// What is said of a ledger's file and its copies.
#include "base/escape.h"
#include "base/time.h"
#include "engine/views.h"
#include "migration/phase.h"
#include "say.h"
#include "terminal.h"

#include <string>

#include <fmt/format.h>

namespace hal9::tools {

namespace {

std::string marked_line(Mark mark, const std::string& words, bool colour) {
  return Terminal::marked(mark, words, colour) + "\n";
}

}  // namespace

std::string opened_text(const engine::OpenedView& view, bool colour) {
  const std::string file = escape_shell(view.where.ledger);
  std::string text = fmt::format(
      "ledger {} ({}), format {}\n",
      escape_terminal(view.where.ledger),
      escape_terminal(view.name),
      view.format
  );
  text += view.first && view.last ? fmt::format(
                                        "events 1 to {}, recorded {} to {}\n",
                                        view.head.value,
                                        to_text(*view.first),
                                        to_text(*view.last)
                                    )
                                  : std::string("no events\n");
  text += fmt::format("root in the head: {}\n", view.root);
  text += fmt::format("phase at the end: {}\n", migration::to_text(view.phase));
  text += seal_check_text(view.seals, colour);
  if (const auto& finding = view.seals.finding) {
    text += marked_line(Mark::failed, escape_terminal(finding->what), colour);
  }
  text += marked_line(
      Mark::neutral, "this is what the file says of itself; verify hashes every line again", colour
  );
  return text + (view.evidence
                     ? "next: hal9-migrate ledger verify --immutable --ledger " + file + "\n"
                     : std::string("next: hal9-migrate ledger verify\n"));
}

std::string rebuilt_text(const engine::RebuiltView& view, bool colour) {
  return fmt::format("state: {}\n", view.state_digest) +
         marked_line(
             Mark::done,
             fmt::format(
                 "{} snapshots made again from {} events", view.snapshots, view.up_to.value
             ),
             colour
         ) +
         "next: hal9-migrate ledger verify\n";
}

std::string backup_text(const engine::BackupView& view, bool colour) {
  return fmt::format(
             "root of {}: {}\nstate: {}\nit holds: {} events, {} seals, {} objects, views for "
             "sqlite3 and Grafana; {} bytes\n",
             view.head.value,
             view.root,
             view.state_digest,
             view.head.value,
             view.seals,
             view.objects,
             view.bytes
         ) +
         marked_line(
             Mark::neutral,
             "it does not hold: the key that signs, hal9.yaml, what waits in the spool",
             colour
         ) +
         (view.problem.empty()
              ? std::string()
              : marked_line(
                    Mark::failed,
                    "every line holds, and something else is wrong, here as there: " +
                        escape_terminal(view.problem),
                    colour
                )) +
         marked_line(
             Mark::done,
             "backed up to " + escape_terminal(view.folder) + " and verified there",
             colour
         ) +
         "next: hal9-migrate ledger open --immutable --ledger " + escape_shell(view.ledger) + "\n";
}

std::string imported_text(const engine::ImportedView& view, bool colour) {
  return fmt::format("root of {}: {}\nstate: {}\n", view.head.value, view.root, view.state_digest) +
         marked_line(
             Mark::done,
             fmt::format(
                 "the {} events of {} are the ledger {} ({})",
                 view.head.value,
                 escape_terminal(view.file),
                 escape_terminal(view.ledger),
                 escape_terminal(view.name)
             ),
             colour
         ) +
         "next: hal9-migrate ledger open --immutable --ledger " + escape_shell(view.ledger) + "\n";
}

}  // namespace hal9::tools
