"""Several processes that write one ledger, and what has to hold of what they acknowledged.

Used by the tests of kill -9 (tests/crash/kill9_writers.py), many writers, and others.
"""

import collections
import pathlib
import shutil
import subprocess
import tempfile
import time


def need(holds, what):
    if not holds:
        raise AssertionError(what)


class Place:
    """A folder in memory with a ledger: whoever is killed there leaves what the kernel has."""

    def __init__(self, program, above=None):
        memory = pathlib.Path("/dev/shm")
        self.folder = pathlib.Path(tempfile.mkdtemp(
            prefix="hal9-promise-", dir=above or (memory if memory.is_dir() else None)))
        self.ledger = self.folder / "hal9.db"
        made = subprocess.run((program, "create", self.ledger), capture_output=True, check=False)
        need(made.returncode == 0, f"create: {made.stdout.decode()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


class Acknowledged:
    """What writers said is recorded: (writer, number) to its sequence."""

    def __init__(self):
        self.events = {}
        self.errors = []
        self.clocks = {}  # sequence to (recorded, the writer's clock), microseconds
        self.next = collections.Counter()

    def take(self, writer, said):
        """What one process printed; its last line may be cut off."""
        for line in said.split("\n")[:-1]:
            if line.startswith("ack "):
                words = line.split()
                number, sequence = int(words[1]), int(words[2])
                if words[-1] != "again":
                    self.clocks[sequence] = int(words[3]), int(words[4])
                self.events[writer, number] = sequence
                self.next[writer] = max(self.next[writer], number)
            elif line:
                self.errors.append(line)


def start(program, ledger, writer, *options, **more):
    words = (program, "write", ledger, "--writer", str(writer), *(str(one) for one in options))
    return subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def check(program, ledger, acknowledged):
    """Raises AssertionError with what is lost, doubled or missing; the number of events."""
    ran = subprocess.run((program, "check", ledger), capture_output=True, text=True, check=False)
    lines = ran.stdout.splitlines()
    last = lines[-1] if lines else f"nothing was said (exit {ran.returncode}) {ran.stderr}"
    need(ran.returncode == 0 and last.startswith("verified "), f"check: {last}")
    there = {}
    for place, line in enumerate(lines[:-1], 1):
        sequence, writer, number = (int(word) for word in line.split()[1:])
        need(sequence == place, f"a gap: event {sequence} stands at {place}")
        need((writer, number) not in there, f"doubled: {writer}/{number} at {sequence}")
        there[writer, number] = sequence
    for event, sequence in acknowledged.events.items():
        need(event in there, f"lost: {event[0]}/{event[1]} was acknowledged as {sequence}")
        need(there[event] == sequence, f"{event} was acknowledged as {sequence}, is {there[event]}")
    return len(there)


def new_seed():
    return time.time_ns() % 1_000_000


def summary(promise, done, result, control, seed):
    """The line that tools/soak puts into its table."""
    print(f"summary | {promise} | {done} | {result} | {control} | {seed} |", flush=True)
