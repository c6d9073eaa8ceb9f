"""Each file system call of a command fails in turn, with EIO, with ENOSPC, and by a kill: what has to
hold is that the ledger verifies afterwards and goes on from what it was, that what was acknowledged
is there, that "nothing was recorded" is true where it is said, and that a person reads a message.

strace makes the call fail (and a second run of the command tells which calls there are, so that the
loader's own are left alone). The control is a write that answers and does nothing: it must be found.

Usage: io_errors.py HAL9-MIGRATE [--every N] [--seed N] [--case 'COMMAND CALL NUMBER FAULT']
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile

import writers

CALLS = ("openat", "close", "read", "write", "pread64", "pwrite64", "lseek", "newfstatat", "fstat",
         "faccessat2", "fcntl", "flock", "fsync", "fdatasync", "ftruncate", "fchown", "fchmod",
         "fallocate", "link", "linkat", "unlink", "unlinkat", "rename", "renameat2", "mkdir", "getdents64")
WATCH = "trace=" + ",".join("?" + call for call in CALLS)
FAULTS = {"EIO": "error=EIO", "ENOSPC": "error=ENOSPC", "KILL": "signal=KILL"}
COMMANDS = {
    "annotate": ("annotate", "seen while a disk failed"),
    "migrate": ("migrate", "--phase", "shadow", "--yes"),
    "seal": ("ledger", "seal"),
    "emergency": ("rollback", "--emergency", "--force"),
}
# Done, failed, negative, conflict, unreachable, partly, spooled: 2 would blame the line.
EXITS = (0, 1, 3, 5, 6, 8, 9)
MAY_RECORD_NOTHING = ("seal",)


class Stand:
    """One migration in one place: the configuration that was accepted last names its ledger by the
    whole path, so a copy elsewhere would write into this one."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.place, self.kept = folder / "migration", folder / "kept"
        folder.mkdir()
        self.place.mkdir()
        self.quiet("init", ".")
        for number in range(4):
            self.quiet("annotate", f"before {number}")
        self.before = self.export()
        shutil.copytree(self.place, self.kept)

    def put_back(self):
        shutil.rmtree(self.place)
        shutil.copytree(self.kept, self.place)

    def quiet(self, *words):
        ran = self.run(words)
        writers.need(ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}")

    def run(self, words, before=()):
        return subprocess.run((*before, self.program, *words), cwd=self.place,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              check=False)

    def export(self):
        ran = self.run(("ledger", "export", "--output", "-"))
        writers.need(ran.returncode == 0, f"export: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def list_calls(self, command):
        """(call, number, size) of each call from the first look at hal9.yaml on; numbers from 1."""
        trace = self.folder / "trace"
        self.put_back()
        self.run(COMMANDS[command], ("strace", "-f", "-o", trace, "-e", WATCH))
        counts, calls, begun = collections.Counter(), [], False
        for line in trace.read_text(errors="replace").splitlines():
            match = re.match(r"\d+\s+(\w+)\(.*= (-?\d+)", line)
            if not match:
                continue
            counts[match[1]] += 1
            begun = begun or "hal9.yaml" in line
            if begun:
                calls.append((match[1], counts[match[1]], int(match[2])))
        writers.need(len(calls) > 50, f"strace saw {len(calls)} calls of {command}")
        return calls


def inject(stand, command, call, number, how):
    """Runs the command with that call failing; (what it said and its exit, what is new after it)."""
    stand.put_back()
    ran = stand.run(COMMANDS[command], (
        "strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
        f"inject={call}:{how}:when={number}"))
    verified = stand.run(("ledger", "verify"))
    writers.need(verified.returncode == 0,
                 f"verify: exit {verified.returncode} {verified.stdout}{verified.stderr}")
    after = stand.export()
    writers.need(after.startswith(stand.before), "what was recorded before has changed")
    if ran.returncode == 9:
        taken = stand.run(("annotate", "the disk is well again"))
        writers.need(taken.returncode == 0, f"after exit 9: {taken.stdout}{taken.stderr}")
        # Also where the record that could not be synced was there all the same: once.
        told = stand.export().count("hal9.rollback.started")
        writers.need(told == 1, f"the spooled rollback stands {told} times in the ledger")
    return ran, after[len(stand.before):]


def check_said(command, call, fault, ran, new):
    """What the command said has to be true, and to be said."""
    said = ran.stdout + ran.stderr
    if fault == "KILL" and ran.returncode in (-9, 137):
        return
    writers.need(ran.returncode in EXITS, f"exit {ran.returncode}: {said}")
    if ran.returncode == 0:
        writers.need(new or command in MAY_RECORD_NOTHING, f"acknowledged and not there: {said}")
        return
    if ran.returncode in (1, 6):
        lied = "nothing was recorded" in said and new
        writers.need(not lied, f"\"nothing was recorded\", and {new.count(chr(10))} events were: {said}")
    # Whoever cannot write cannot speak.
    if call != "write":
        writers.need("✗" in said or "!" in said or "waits in" in said, f"no message: {json.dumps(said)}")
    writers.need("terminate called" not in said and "SELECT" not in said, f"no message: {said}")


def play(stands, case):
    command, call, number, fault = case
    stand = stands.get()
    try:
        ran, new = inject(stand, command, call, number, FAULTS[fault])
        check_said(command, call, fault, ran, new)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return case, str(error)
    finally:
        stands.put(stand)
    return case, None


def control(stand, calls):
    """Page-sized writes that answer and do nothing: how many of them were found out."""
    pages = [number for call, number, size in calls["annotate"]
             if call == "pwrite64" and size == 4096]
    seen = 0
    for number in pages:
        try:
            ran, new = inject(stand, "annotate", "pwrite64", number, "retval=4096")
            check_said("annotate", "pwrite64", "lie", ran, new)
        except AssertionError:
            seen += 1
    return seen, len(pages)


def cases_of(calls_of, every, seed):
    """Every call with each fault; or one in `every`, by the seed, and the first of each kind."""
    dice = random.Random(seed)
    cases = []
    for command, calls in calls_of.items():
        kinds = set()
        for call, number, _ in calls:
            for fault in FAULTS:
                first = (call, fault) not in kinds and command == "annotate"
                kinds.add((call, fault))
                if first or dice.randrange(every) == 0:
                    cases.append((command, call, number, fault))
    return cases


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=40, help="1: every call")
    parser.add_argument("--seed", type=int, default=writers.new_seed())
    parser.add_argument("--case", help="one alone: 'annotate pwrite64 3 EIO'")
    options = parser.parse_args()
    if subprocess.run(("strace", "-o", "/dev/null", "true"), capture_output=True, check=False).returncode:
        print("skipped - strace may not trace here")
        writers.summary("I/O errors", "skipped: strace may not trace here", "", "", options.seed)
        return 0
    print(f"seed {options.seed}", flush=True)
    memory = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="hal9-promise-",
                                     dir=memory if memory.is_dir() else None) as folder:
        stands = queue.Queue()
        for name in ("one", "two"):
            stands.put(Stand(options.program.resolve(), pathlib.Path(folder) / name))
        first = stands.queue[0]
        calls = {name: first.list_calls(name) for name in COMMANDS}
        cases = cases_of(calls, options.every, options.seed)
        if options.case:
            command, call, number, fault = options.case.split()
            cases = [(command, call, int(number), fault)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            broken = [(case, why) for case, why in pool.map(lambda one: play(stands, one), cases) if why]
        seen, lies = control(first, calls)
    for case, why in broken[:20]:
        words = " ".join(str(word) for word in case)
        print(f"not ok - {words}: {why}\n    again: --case '{words}'")
    kinds = len({case[1] for case in cases})
    print(f"{'not ok' if broken else 'ok'} - {len(cases)} failing calls of {kinds} kinds, "
          f"{len(broken)} broke a promise")
    print(f"{'ok' if seen else 'not ok'} - control: {seen} of {lies} writes that were not done were found")
    writers.summary(
        "I/O errors", f"{len(cases)} calls of {kinds} kinds with {', '.join(FAULTS)}",
        f"{f'BROKE: {len(broken)}' if broken else 'all verify'} and say what is true",
        f"a write that answers and does nothing: {seen} of {lies} found out", options.seed)
    return 1 if broken or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
