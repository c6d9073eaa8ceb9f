"""Clocks that are wrong, and clocks that step while somebody waits.

Writers whose clocks are a day and a year off write one ledger at once: sequences go up by one, and
recorded time grows with them. A step in the middle of a wait changes no time-out, and a step in the
middle of a gradual rollback does not hold it up. What was recorded with a clock that was ahead is said
to whoever writes next. The control: by the writers' own clocks the order does not grow.

Usage: clocks.py HAL9-MIGRATE PROMISE-LEDGER [--seconds N]
"""

import argparse
import glob
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import writers

OFFSETS = ("-1d", "+1d", "-1y", "+1y")
PATIENCE = 40  # seconds; what waits by the wrong clock waits a day


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    return found[0] if found else None


def environment(offset):
    """Of a process whose wall clock is off; its steady clock is the machine's."""
    return {**os.environ, "LD_PRELOAD": library(), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1", "NO_COLOR": "1"}


def stepping(file):
    """Of a process that reads its clock's offset from a file, each time."""
    wanted = environment("+0")
    del wanted["FAKETIME"]
    return {**wanted, "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1"}


def write_with_wrong_clocks(program, seconds):
    """(events, whether the writers' clocks themselves would have grown)."""
    with writers.Place(program) as place:
        acknowledged = writers.Acknowledged()
        running = {writer: writers.start(program, place.ledger, writer, "--seconds", seconds,
                                         "--rate", 200, env=environment(offset))
                   for writer, offset in enumerate(OFFSETS, 1)}
        for writer, process in running.items():
            acknowledged.take(writer, process.communicate(timeout=seconds + PATIENCE)[0].decode())
        writers.need(not acknowledged.errors, f"refused: {acknowledged.errors[:1]}")
        events = writers.check(program, place.ledger, acknowledged)
        told = [acknowledged.clocks[sequence] for sequence in sorted(acknowledged.clocks)]
        writers.need(len(told) == events > 100, f"{events} events are too few to tell")
        recorded = [one for one, _ in told]
        writers.need(all(a < b for a, b in zip(recorded, recorded[1:])), "recorded time does not grow")
        clocks = [one for _, one in told]
        return events, all(a < b for a, b in zip(clocks, clocks[1:]))


class Migration:
    def __init__(self, hal9, folder):
        self.hal9, self.folder = hal9, folder
        self.clock = folder / "clock"
        self.step("+0")
        self.done("init", ".")

    def step(self, offset):
        self.clock.write_text(offset + "\n")

    def start(self, *words):
        return subprocess.Popen((self.hal9, *words), cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                env=stepping(self.clock))

    def end(self, process, what):
        try:
            return process.communicate(timeout=PATIENCE)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"{what}: it still waits after {PATIENCE} s") from None

    def done(self, *words):
        process = self.start(*words)
        said = self.end(process, words)
        writers.need(process.returncode == 0, f"{words}: exit {process.returncode} {said}")
        return said


def step_while_it_waits(migration, offset):
    """A lock that nobody gives back: the wait ends in its own time."""
    with subprocess.Popen(("flock", "--no-fork", migration.folder / "hal9.db.lock", "sleep", "120")) as holder:
        try:
            time.sleep(0.2)
            waiting = migration.start("annotate", "while somebody holds the lock")
            time.sleep(0.3)
            migration.step(offset)
            said = migration.end(waiting, f"a lock, with a step of {offset}")
        finally:
            holder.kill()
    migration.step("+0")
    writers.need("locked" in said and waiting.returncode == 6, f"exit {waiting.returncode}: {said}")


def step_in_a_rollback(migration, offset):
    migration.done("migrate", "--phase", "shadow", "--yes")
    migration.done("migrate", "--phase", "canary", "--percentage", "50", "--yes")
    running = migration.start("rollback", "--gradual", "--duration", "2s")
    time.sleep(0.5)
    migration.step(offset)
    said = migration.end(running, f"a gradual rollback, with a step of {offset}")
    migration.step("+0")
    writers.need(running.returncode == 0, f"a step of {offset}: exit {running.returncode} {said}")
    migration.done("ledger", "verify")


def step_is_said(migration):
    said = migration.done("annotate", "by the right clock")
    writers.need("the clock" not in said, f"nothing stepped: {said}")
    migration.step("+1d")
    migration.done("annotate", "a day ahead")
    migration.step("+0")
    said = migration.done("annotate", "by the right clock again")
    writers.need("the clock" in said, f"the step is not said: {said}")
    migration.done("ledger", "verify")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("hal9", type=pathlib.Path)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    if library() is None:
        print("not ok - faketime is not there: tools/setup")
        return 1
    broke, events, by_clock = [], 0, True
    try:
        events, by_clock = write_with_wrong_clocks(options.program.resolve(), options.seconds)
    except AssertionError as error:
        broke.append(str(error))
    for number, what in enumerate((
            lambda one: step_while_it_waits(one, "-1d"), lambda one: step_while_it_waits(one, "+1y"),
            lambda one: step_in_a_rollback(one, "-1d"), lambda one: step_in_a_rollback(one, "+1y"),
            step_is_said)):
        with tempfile.TemporaryDirectory(prefix="hal9-step-") as folder:
            try:
                what(Migration(options.hal9.resolve(), pathlib.Path(folder)))
                print(f"ok - step {number}", flush=True)
            except AssertionError as error:
                broke.append(f"step {number}: {error}")
    for why in broke:
        print(f"not ok - {why}")
    print(f"{'ok' if not by_clock else 'not ok'} - control: by their own clocks {events} events "
          f"{'grow' if by_clock else 'do not grow'}")
    writers.summary(
        "clock", f"{len(OFFSETS)} clocks off by {', '.join(OFFSETS)}, {events} events; 5 steps",
        "BROKE" if broke else "sequence +1, recorded time grows, time-outs hold, the step is said",
        f"by the writers' own clocks the order {'GROWS' if by_clock else 'does not grow'}", 0)
    return 1 if broke or by_clock else 0


if __name__ == "__main__":
    sys.exit(main())
