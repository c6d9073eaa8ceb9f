// hal9-migrate (also hal9-cli): argv -> a verb -> what it prints and its exit code.
#include "base/result.h"
#include "command_line.h"
#include "command_table.h"
#include "context.h"
#include "exit_code.h"
#include "help.h"
#include "terminal.h"
#include "verbs.h"

#include <csignal>
#include <exception>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace {

using namespace hal9;
using namespace hal9::tools;

// What is about this program and no migration.
Result<int> run_about(Context& context) {
  const VerbId id = context.line().verb().id;
  if (id == VerbId::completion) return run_completion(context);
  return id == VerbId::version ? run_version(context) : run_help(context);
}

Result<int> run_config(Context& context) {
  const bool view = context.line().verb().id == VerbId::config_view;
  return view ? run_config_view(context) : run_config_check(context);
}

Result<int> run_feature(Context& context) {
  const VerbId id = context.line().verb().id;
  if (id == VerbId::feature_list) return run_feature_list(context);
  if (id == VerbId::feature_status) return run_feature_status(context);
  return id == VerbId::feature_enable ? run_feature_enable(context) : run_feature_disable(context);
}

Result<int> run_forward(Context& context) {
  const VerbId id = context.line().verb().id;
  if (id == VerbId::migrate_resume) return run_migrate_resume(context);
  return id == VerbId::migrate_abort ? run_migrate_abort(context) : run_migrate(context);
}

Result<int> run_open_rollback(Context& context) {
  const bool cancel = context.line().verb().id == VerbId::rollback_cancel;
  return cancel ? run_rollback_cancel(context) : run_rollback_resume(context);
}

Result<int> run_incident(Context& context) {
  switch (context.line().verb().id) {
    case VerbId::incident_open:
      return run_incident_open(context);
    case VerbId::incident_update:
      return run_incident_update(context);
    case VerbId::incident_close:
      return run_incident_close(context);
    case VerbId::incident_show:
      return run_incident_show(context);
    default:
      return run_incident_list(context);
  }
}

Result<int> run_hook(Context& context) {
  switch (context.line().verb().id) {
    case VerbId::hook_retry:
      return run_hook_retry(context);
    case VerbId::hook_dismiss:
      return run_hook_dismiss(context);
    default:
      return run_hook_list(context);
  }
}

Result<int> run_ledger(Context& context) {
  switch (context.line().verb().id) {
    case VerbId::ledger_export:
      return run_ledger_export(context);
    case VerbId::ledger_backup:
      return run_ledger_backup(context);
    case VerbId::ledger_import:
      return run_ledger_import(context);
    case VerbId::ledger_open:
      return run_ledger_open(context);
    case VerbId::ledger_rebuild:
      return run_ledger_rebuild(context);
    case VerbId::ledger_keys:
      return run_ledger_keys(context);
    case VerbId::ledger_object:
      return run_ledger_object(context);
    case VerbId::ledger_seal:
      return run_ledger_seal(context);
    case VerbId::ledger_seals:
      return run_ledger_seals(context);
    case VerbId::ledger_prove:
      return run_ledger_prove(context);
    default:
      return run_ledger_verify(context);
  }
}

// The one place where a verb of the table becomes a function; a new one does not compile without.
Result<int> run(Context& context) {
  switch (context.line().verb().id) {
    case VerbId::rollback:
      return run_rollback(context);
    case VerbId::rollback_list:
      return run_rollback_list(context);
    case VerbId::rollback_show:
      return run_rollback_show(context);
    case VerbId::rollback_resume:
    case VerbId::rollback_cancel:
      return run_open_rollback(context);
    case VerbId::incident_list:
    case VerbId::incident_show:
    case VerbId::incident_open:
    case VerbId::incident_update:
    case VerbId::incident_close:
      return run_incident(context);
    case VerbId::hook_list:
    case VerbId::hook_retry:
    case VerbId::hook_dismiss:
      return run_hook(context);
    case VerbId::traffic:
      return run_traffic(context);
    case VerbId::status:
      return run_status(context);
    case VerbId::migrate:
    case VerbId::migrate_resume:
    case VerbId::migrate_abort:
      return run_forward(context);
    case VerbId::feature_list:
    case VerbId::feature_enable:
    case VerbId::feature_disable:
    case VerbId::feature_status:
      return run_feature(context);
    case VerbId::monitor:
      return run_monitor(context);
    case VerbId::timeline:
      return run_timeline(context);
    case VerbId::explain:
      return run_explain(context);
    case VerbId::annotate:
      return run_annotate(context);
    case VerbId::init:
      return run_init(context);
    case VerbId::config_view:
    case VerbId::config_check:
      return run_config(context);
    case VerbId::router_config:
      return run_router_config(context);
    case VerbId::ledger_export:
    case VerbId::ledger_backup:
    case VerbId::ledger_import:
    case VerbId::ledger_open:
    case VerbId::ledger_rebuild:
    case VerbId::ledger_keys:
    case VerbId::ledger_object:
    case VerbId::ledger_seal:
    case VerbId::ledger_seals:
    case VerbId::ledger_prove:
    case VerbId::ledger_verify:
      return run_ledger(context);
    case VerbId::completion:
    case VerbId::version:
    case VerbId::help:
      return run_about(context);
    case VerbId::later:
      break;  // refused by the parser
  }
  return fail(Code::failed, "this command is not in this version");
}

int fail_with(const Error& error) {
  Terminal terminal = Terminal::of_process(false, false);
  terminal.say(error);
  return exit_code(error.code);
}

int run_line(const std::vector<std::string>& words) {
  if (!words.empty() && words.front() == "__complete") {
    return run_complete({words.begin() + 1, words.end()});
  }
  auto line = CommandLine::parse(words);
  if (!line) return fail_with(line.error());
  auto context = Context::make(std::move(*line));
  if (!context) return fail_with(context.error());
  if (context->line().has("help")) {
    const Verb& verb = context->line().verb();
    context->terminal().raw(verb.id == VerbId::help ? help_text() : help_text(verb));
    context->terminal().flush();
    return kDone;
  }
  // No command at all is shown the way, and is still not a success for a script.
  const bool nothing = words.empty();
  auto code = run(*context);
  if (!code) {
    Error error = code.error();
    const CommandLine& typed = context->line();
    // A line that is wrong is never left without one that shows how it goes.
    if (error.next.empty() && error.code == Code::usage) {
      error.next = "hal9-migrate help " + std::string(typed.verb().words);
    }
    error.next = typed.in_place(std::move(error.next));
    context->terminal().say(error);
    return exit_code(error.code);
  }
  context->terminal().flush();
  return nothing ? exit_code(Code::usage) : *code;
}

// With stdout closed (`>&-`) the next file that is opened would get its number, and what is printed
// would be written into the ledger's lock or the router's socket.
void open_standard_files() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) == -1) std::ignore = open("/dev/null", O_RDWR);
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_files();
  // Somebody who stops reading must not stop a rollback.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run_line({argv + 1, argv + argc});
  } catch (const std::exception& exception) {
    return fail_with(
        {Code::failed,
         "an unexpected problem",
         exception.what(),
         "not known; look before you go on",
         "hal9-migrate traffic --verify"}
    );
  }
}
