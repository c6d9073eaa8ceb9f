// What the files of the service share: the ports and a few steps that several doors take.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "engine/cut.h"
#include "engine/executor.h"
#include "engine/hooks.h"
#include "engine/lock.h"
#include "engine/router.h"
#include "engine/service.h"
#include "engine/views.h"
#include "engine/work.h"
#include "engine/writer.h"
#include "ledger/line.h"
#include "ledger/store.h"
#include "migration/amounts.h"
#include "migration/codec.h"
#include "migration/commands.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/object.h"
#include "migration/rollback.h"
#include "migration/state.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::engine {

struct Service::Parts {
  Ports ports;

  [[nodiscard]] CutParts cut_parts() const {
    return {
        ports.configuration,
        *ports.router,
        *ports.environment,
        *ports.raise_lock,
        *ports.spool,
        ports.open_store
    };
  }

  // Folds, takes the spool in, accepts the configuration if it is another one than the last.
  Result<void> prepare(Writer& writer, const Asker& asker);

  // A command of a person, its long texts kept whole: the reason, and the text of an annotation,
  // which is cut here. What cannot be kept stops nothing: it is said in `notes`.
  migration::Command whole_command(
      const Asker& asker,
      migration::CommandBody body,
      std::vector<std::string>& notes,
      std::optional<CorrelationId> correlation = {}
  );
  bool keep(
      migration::ObjectOf of,
      std::string_view text,
      migration::Command& command,
      std::vector<std::string>& notes
  );

  // As it stands now, for a question. Errors: those of opening and reading.
  Result<migration::State> newest_state();
  // The error of a question that has no answer without the ledger, with the line that needs none.
  [[nodiscard]] tl::unexpected<Error> without_ledger(Error error) const;

  Executor executor(
      Writer& writer,
      std::uint64_t fence,
      CorrelationId correlation,
      MayRaise may_raise,
      std::optional<RollbackId> own
  ) {
    return Executor(
        writer,
        *ports.router,
        *ports.environment,
        *ports.raise_lock,
        *ports.executor_lock,
        *ports.spool,
        fence,
        correlation,
        may_raise,
        own
    );
  }

  // Runs what the recorded command began and puts what came of it into words.
  Result<Outcome> run(
      Writer& writer,
      const Asker& asker,
      const migration::Command& command,
      const Recorded& recorded,
      const Lowering& if_unrecorded,
      Progress& progress
  );

  Result<Outcome> after_unrecorded(
      const migration::State& state,
      const Asker& asker,
      const Lowering& if_unrecorded,
      MayRaise may_raise,
      const Error& error,
      const std::optional<RollbackId>& own
  );

  // Nothing was to be rolled back according to the ledger: the router is read, and what stands
  // above the ledger goes down at once.
  Result<Outcome> nothing_to_do(
      Writer& writer, const Asker& asker, const migration::Command& command
  );
  // Absent: no balancer has fallen to flat by a restart (Reading::fallen). Errors: of gates.
  std::optional<Result<Outcome>> bring_up_fallen(
      Writer& writer, const Asker& asker, const MoveRequest& request, Progress& progress
  );
  void adopt_halt(Writer& writer, const Asker& asker, Outcome& outcome);
  bool put_down(Writer& writer, const Asker& asker, const Reading& reading, Outcome& outcome);
  bool put_down(
      Writer& writer,
      const Asker& asker,
      const Reading& reading,
      const std::vector<migration::RouteAmount>& above,
      Outcome& outcome
  );
  // ---- settle.cpp: what the router shows besides what a command did ----
  // Once a way back is through.
  void settle(Writer& writer, const Asker& asker, Outcome& outcome);
  // What was read below the record becomes the record, and is said. Nothing while something runs, behind
  // a halt, or where balancers disagree.
  void record_lower(Writer& writer, const Asker& asker, const Reading& reading, Outcome& outcome);
  // The same of one feature, whichever way it differs. Errors: of reading, of recording.
  Result<void> record_feature(Writer& writer, const Asker& asker, const Name& feature);
  void add_rollback(Outcome& outcome, const Recorded& recorded);
  void say_superseded(Outcome& outcome);

  // One attempt, recorded.
  HookResult run_hook(
      Writer& writer, const Asker& asker, const migration::DueHook& due, Progress& progress
  );

  // ---- forward (forward.cpp) ----
  // Error: usage, what this router cannot do.
  Result<void> can_do(const MoveRequest& request);
  // Held while a gradual move forward is steered. Error: conflict, another process does.
  Result<std::unique_ptr<Lock::Held>> take_forward();
  // Steers the raise that the recorded command began or resumed to its end, and puts it into words.
  Result<Outcome> steer(
      Writer& writer,
      const Asker& asker,
      const Recorded& recorded,
      const std::vector<migration::GateName>& overrides,
      Progress& progress
  );

  // As it stood at `at`; without it, as it stands now.
  Result<RollbackView> rollback_view(
      ledger::Reader& reader, RollbackId id, std::optional<ledger::Sequence> at = {}
  );
  // A rollback of the state with the events that it begins and ends with.
  RollbackView placed(
      ledger::Reader& reader, const migration::Rollback& rollback, ledger::Sequence at
  );
  void look(StatusView& view);
};

// The first fact of this kind among the events.
template <class F>
std::optional<F> find_fact(const std::vector<ledger::Event>& events) {
  for (const ledger::Event& event : events) {
    auto fact = migration::decode_fact(event.draft.type, event.draft.data);
    if (!fact) continue;
    if (auto* found = std::get_if<F>(&*fact)) return std::move(*found);
  }
  return {};
}

}  // namespace hal9::engine
