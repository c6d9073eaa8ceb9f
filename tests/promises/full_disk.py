"""A disk that fills up: what was acknowledged is there, reads work while it is full, an emergency
still cuts, and writing goes on once there is room again.

Each fill is a small file system of its own with a ballast of another size, so that the disk is full at
another write. Needs the right to mount; says so and passes where nobody may. The control acknowledges
before it commits.

Usage: full_disk.py HAL9-MIGRATE PROMISE-LEDGER [--fills N] [--seed N] [--fill K]
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

import writers

MEBIBYTE = 1 << 20
DISK = 8 * MEBIBYTE


class Disk:
    """A tmpfs of its own, gone at the end."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hal9-full-"))
        done = subprocess.run(("mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", self.folder),
                              capture_output=True, check=False)
        self.mounted = done.returncode == 0

    def __enter__(self):
        return self.folder if self.mounted else None

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(("umount", "-l", self.folder), check=False)
        self.folder.rmdir()


def run(program, folder, *words):
    return subprocess.run((program, *words), cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)


def need_exit(ran, codes, what):
    writers.need(ran.returncode in codes, f"{what}: exit {ran.returncode} {ran.stdout}{ran.stderr}")


def write_until_full(program, ledger, acknowledged, dice, *options):
    process = writers.start(program, ledger, 1, "--from", acknowledged.next[1] + 1, "--size",
                            dice.randrange(2000), *options)
    acknowledged.take(1, process.communicate(timeout=60)[0].decode())
    errors, acknowledged.errors = acknowledged.errors, []
    writers.need(len(errors) == 1 and errors[0].startswith("error full | "), f"not full: {errors}")
    writers.need("no space left" in errors[0] and "df -h" in errors[0], f"unclear: {errors}")


def fill_up(folder):
    """The last pages too, so that the command line meets a disk without any."""
    with open(folder / "filler", "ab", buffering=0) as filler:
        for size in (65536, 4096, 512):
            try:
                while filler.write(b"x" * size):
                    pass
            except OSError:
                pass


def play(hal9, program, folder, dice, *options):
    """One fill; what was acknowledged."""
    migration = folder / "migration"
    need_exit(run(hal9, folder, "init", migration), (0,), "init")
    need_exit(run(hal9, migration, "annotate", "while there is room"), (0,), "annotate")
    ledger = folder / "many.db"
    subprocess.run((program, "create", ledger), check=True)
    ballast = folder / "ballast"
    ballast.write_bytes(b"x" * dice.randrange(3 * MEBIBYTE, 6 * MEBIBYTE))
    acknowledged = writers.Acknowledged()
    write_until_full(program, ledger, acknowledged, dice, *options)
    fill_up(folder)
    writers.check(program, ledger, acknowledged)
    for words in (("timeline",), ("status",), ("ledger", "verify")):
        need_exit(run(hal9, migration, *words), (0,), f"{words} on a full disk")
    refused = run(hal9, migration, "annotate", "without room")
    if refused.returncode != 0:  # the WAL may have had room of its own
        need_exit(refused, (1, 6), "annotate on a full disk")
        writers.need("no space left" in refused.stderr, f"unclear: {refused.stderr}")
    cut = run(hal9, migration, "rollback", "--emergency", "--force")
    need_exit(cut, (0, 9), "an emergency on a full disk")
    ballast.unlink()
    (folder / "filler").unlink()
    process = writers.start(program, ledger, 1, "--from", acknowledged.next[1] + 1, "--count", 20)
    acknowledged.take(1, process.communicate()[0].decode())
    writers.need(not acknowledged.errors, f"after it was freed: {acknowledged.errors}")
    writers.check(program, ledger, acknowledged)
    need_exit(run(hal9, migration, "annotate", "room again"), (0,), "annotate once freed")
    need_exit(run(hal9, migration, "ledger", "verify"), (0,), "verify once freed")
    told = run(hal9, migration, "ledger", "export", "--output", "-").stdout
    writers.need(told.count("hal9.rollback.started") == 1, "the emergency is not recorded once")
    writers.need(told.count("without room") == (refused.returncode == 0), "annotate told no truth")
    return len(acknowledged.events)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("hal9", type=pathlib.Path)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--fills", type=int, default=20)
    parser.add_argument("--fill", type=int, help="this one alone")
    parser.add_argument("--seed", type=int, default=writers.new_seed())
    options = parser.parse_args()
    hal9, program = options.hal9.resolve(), options.program.resolve()
    with Disk() as folder:
        if folder is None:
            print("skipped - mounting is not permitted here")
            writers.summary("full disk", "skipped: mounting is not permitted here", "", "", options.seed)
            return 0
    print(f"seed {options.seed}", flush=True)
    events = broke = 0
    for fill in range(options.fills) if options.fill is None else [options.fill]:
        try:
            with Disk() as folder:
                events += play(hal9, program, folder, random.Random(f"{options.seed}:{fill}"))
        except AssertionError as error:
            broke += 1
            print(f"not ok - fill {fill}: {error}\n    again: --seed {options.seed} --fill {fill}")
    print(f"{'not ok' if broke else 'ok'} - {options.fills} fills, {events} events acknowledged")
    seen = None
    try:
        with Disk() as folder:
            play(hal9, program, folder, random.Random(options.seed), "--early")
    except AssertionError as error:
        seen = str(error)
    print(f"{'ok' if seen else 'not ok'} - control: {seen}")
    writers.summary(
        "full disk", f"{options.fills} fills, {events} events",
        f"BROKE: {broke}" if broke else "acknowledged is present, read, cut and recovered",
        f"acknowledging before the commit: {seen or 'NOT SEEN'}", options.seed)
    return 1 if broke or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
