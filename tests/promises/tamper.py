"""Bits that flip and people who tamper: what changes any answer is found by `ledger verify`.

"Changes any answer": one row of one table, the order of an index, a row of a view, or the schema
(lines.py, `answers`) is read by SQLite otherwise than before, or cannot be read. What changes none
(free space, a page that the WAL holds newer) may be found or not. "Found": `ledger verify` ends with
another exit code than 0 and names the event, the seal or the file.

Flips hit the database and its leftover WAL. A flip in a WAL drops what was committed behind it, without
a word of SQLite; that, an old file put back, a cut tail and a history that was rewritten with all of
its hashes are found by the seals of a witness, up to the last one; events behind it are not.
The control is SQLite's own `PRAGMA integrity_check`, which has to miss most.

Usage: tamper.py HAL9-MIGRATE [--flips N] [--others N] [--seed N] [--case NAME]
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import lines
import writers

NOTES = 270  # more than a stored subtree of 256
UNSEALED = 3


class Stand:
    """One ledger, sealed at a witness, and copies of it to do harm to."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.whole = folder / "whole"
        self.witness = folder / "witness"
        self.witness.mkdir()
        self.run(folder, "init", "whole")
        config = self.whole / "hal9.yaml"
        text = config.read_text().replace("witnesses: []", f"witnesses: [{self.witness}]", 1)
        config.write_text(text)
        for number in range(NOTES // 2):
            self.run(self.whole, "annotate", f"what was seen, number {number}")
        self.run(self.whole, "migrate", "--phase", "shadow", "--yes")
        self.old = folder / "old"  # as it was then, with its seal
        self.run(self.whole, "ledger", "seal")
        shutil.copytree(self.whole, self.old)
        for number in range(NOTES // 2, NOTES):
            self.run(self.whole, "annotate", f"what was seen, number {number}")
        self.run(self.whole, "ledger", "seal")
        self.settled = folder / "settled"
        shutil.copytree(self.whole, self.settled)
        database = sqlite3.connect(self.settled / "hal9.db")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        self.right = lines.answers(self.settled / "hal9.db")
        writers.need(self.right == lines.answers(self.whole / "hal9.db"), "the WAL changes answers")

    def run(self, folder, *words):
        ran = subprocess.run((self.program, *words), cwd=folder, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, check=False)
        writers.need(ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def copy(self, name, of):
        return pathlib.Path(shutil.copytree(of, self.folder / name))


def verify(program, folder):
    """(found, what was said, whether it names a place)."""
    ran = subprocess.run((program, "ledger", "verify"), cwd=folder, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, check=False)
    said = ran.stdout + ran.stderr
    named = re.search(r"event \d+|the file: |event of \d+|events were sealed|hal9\.db", said)
    return ran.returncode in (1, 3, 6), said, bool(named) and ran.returncode not in (0, 2)


def flip(file, dice):
    data = bytearray(file.read_bytes())
    at, bit = dice.randrange(len(data)), dice.randrange(8)
    data[at] ^= 1 << bit
    file.write_bytes(data)
    return f"bit {bit} of byte {at} of {file.name}"


def some_event(database, dice):
    last = database.execute("SELECT max(sequence) FROM event").fetchone()[0]
    return dice.randrange(1, last + 1)


def delete_event(folder, dice):
    with lines.force(folder / "hal9.db") as database:
        at = some_event(database, dice)
        database.execute("DELETE FROM event WHERE sequence = ?", (at,))
    return f"event {at} deleted"


def swap_lines(folder, dice):
    with lines.force(folder / "hal9.db") as database:
        at = max(2, some_event(database, dice))
        rows = database.execute("SELECT line FROM event WHERE sequence IN (?, ?) ORDER BY sequence",
                                (at - 1, at)).fetchall()
        for sequence, (line,) in zip((at, at - 1), rows):
            database.execute("UPDATE event SET line = ? WHERE sequence = ?", (line, sequence))
    return f"events {at - 1} and {at} swapped"


def cut_tail(folder, dice):
    with lines.force(folder / "hal9.db") as database:
        at = some_event(database, dice)
        database.execute("DELETE FROM event WHERE sequence >= ?", (at,))
        lines.rewrite(database)
    return f"cut before event {at}, every hash made new"


def change_column(folder, dice):
    changes = {"type": "(SELECT max(code) FROM term)", "subject": "1", "actor": "1",
               "recorded": "recorded + 1", "correlation": "zeroblob(16)"}
    column = dice.choice(sorted(changes))
    with lines.force(folder / "hal9.db") as database:
        at = some_event(database, dice)
        database.execute(f"UPDATE event SET {column} = {changes[column]} WHERE sequence = ?", (at,))
    return f"{column} of event {at}"


def change_code(folder, dice):
    with lines.force(folder / "hal9.db") as database:
        code = dice.choice(database.execute("SELECT code FROM term").fetchall())[0]
        database.execute("UPDATE term SET text = text || 'x' WHERE code = ?", (code,))
    return f"term {code}"


def change_command(folder, dice):
    change = dice.choice(("first = first + 1", "count = count + 1", "id = zeroblob(16)"))
    with lines.force(folder / "hal9.db") as database:
        at = some_event(database, dice)
        first = database.execute("SELECT max(first) FROM command WHERE first <= ?", (at,)).fetchone()
        database.execute(f"UPDATE command SET {change} WHERE first = ?", first)
    return f"command of event {first[0]}: {change}"


def change_snapshot(folder, dice):
    with lines.force(folder / "hal9.db") as database:
        at = dice.choice(database.execute("SELECT sequence FROM snapshot").fetchall())[0]
        state = database.execute("SELECT state FROM snapshot WHERE sequence = ?", (at,)).fetchone()[0]
        state = state.replace(b"shadow", b"canary", 1) if b"shadow" in state else state + b" "
        database.execute("UPDATE snapshot SET state = ? WHERE sequence = ?", (state, at))
    return f"snapshot at {at}"


def edit(folder, dice, hashes):
    with lines.force(folder / "hal9.db") as database:
        at = dice.choice(database.execute(
            "SELECT sequence FROM event WHERE line LIKE '%.note.%' OR line LIKE '%what was seen%'"
        ).fetchall())[0]
        line = database.execute("SELECT line FROM event WHERE sequence = ?", (at,)).fetchone()[0]
        database.execute("UPDATE event SET line = ? WHERE sequence = ?",
                         (lines.edit_data(line, dice), at))
        if hashes:
            lines.rewrite(database)
    return f"event {at} edited" + (", every hash made new" if hashes else "")


HARMS = {
    "deleted": delete_event,
    "swapped": swap_lines,
    "cut": cut_tail,
    "column": change_column,
    "code": change_code,
    "command": change_command,
    "snapshot": change_snapshot,
    "edited": lambda folder, dice: edit(folder, dice, False),
    "rewritten": lambda folder, dice: edit(folder, dice, True),
    "old file": None,  # a copy of the old folder instead
}


def harm(stand, case, seed):
    """Does `case` to a copy and looks; a row of what came of it."""
    dice = random.Random(f"{seed}:{case}")
    kind = case.rstrip("0123456789").rstrip()
    of = {"flip in the file": stand.settled, "flip in the WAL": stand.whole,
          "old file": stand.old}.get(kind, stand.settled)
    folder = stand.copy(case.replace(" ", "-"), of)
    try:
        if kind == "flip in the file":
            what = flip(folder / "hal9.db", dice)
        elif kind == "flip in the WAL":
            what = flip(folder / "hal9.db-wal", dice)
        elif kind == "old file":
            what = "the ledger and its seals of then put back"
        else:
            what = HARMS[kind](folder, dice)
        # Another process's wal-index would show what the WAL held before.
        (folder / "hal9.db-shm").unlink(missing_ok=True)
        found, said, named = verify(stand.program, folder)
        changed = lines.answers(folder / "hal9.db") != stand.right
        missed = changed and lines.integrity(folder / "hal9.db")
        return {"case": case, "kind": kind, "what": what, "changed": changed, "found": found,
                "named": named, "said": said, "integrity missed": missed}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def behind_the_last_seal(stand):
    """What no seal covers can be cut unseen: verify says up to where it would be seen."""
    folder = stand.copy("behind", stand.whole)
    for number in range(UNSEALED):
        stand.run(folder, "annotate", f"behind the seal {number}")
    with lines.force(folder / "hal9.db") as database:
        last = database.execute("SELECT max(sequence) FROM event").fetchone()[0]
        database.execute("DELETE FROM event WHERE sequence > ?", (last - 1,))
        lines.rewrite(database)
    found, said, _ = verify(stand.program, folder)
    up_to = re.search(r"witnessed: up to event (\d+)", said)
    writers.need(not found and up_to and int(up_to[1]) < last,
                 f"a cut behind the last seal: {said}")
    return f"a cut behind the last seal is not seen, and verify says: up to event {up_to[1]}"


def cases_of(options):
    flips = [f"flip in the {'file' if n % 2 else 'WAL'} {n}" for n in range(options.flips)]
    harms = sorted(HARMS)
    return flips + [f"{harms[n % len(harms)]} {n}" for n in range(options.others)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--others", type=int, default=200)
    parser.add_argument("--seed", type=int, default=writers.new_seed())
    parser.add_argument("--case", help="only this one, of that seed: 'swapped 3'")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    memory = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="hal9-promise-",
                                     dir=memory if memory.is_dir() else None) as folder:
        stand = Stand(options.program.resolve(), pathlib.Path(folder))
        found, said, _ = verify(stand.program, stand.whole)
        writers.need(not found, f"a ledger that nobody harmed: {said}")
        behind = behind_the_last_seal(stand)
        cases = [options.case] if options.case else cases_of(options)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            rows = list(pool.map(lambda case: harm(stand, case, options.seed), cases))
    return report(rows, behind, options)


def report(rows, behind, options):
    changed = [row for row in rows if row["changed"]]
    bad = [row for row in changed if not row["found"] or not row["named"]]
    for row in bad[:20]:
        print(f"not ok - {row['case']}: {row['what']}: "
              f"{'found, no place named' if row['found'] else 'NOT FOUND'}: "
              f"{json.dumps(row['said'])}\n    again: --seed {options.seed} --case '{row['case']}'")
    print(f"ok - {behind}")
    missed = sum(row["integrity missed"] for row in changed)
    teeth = bool(options.case) or missed * 2 > len(changed)
    kinds = collections.Counter(row["kind"] for row in changed)
    print("changed an answer: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items()))
    print(f"{'not ok' if bad else 'ok'} - {len(changed) - len(bad)} of {len(changed)} found")
    print(f"{'ok' if teeth else 'not ok'} - control: integrity_check missed {missed} of {len(changed)}")
    writers.summary(
        "corruption and tampering are found",
        f"{options.flips} flips, {options.others} others; {len(changed)} changed an answer",
        f"{'BROKE: ' if bad else ''}{len(changed) - len(bad)} of {len(changed)} found, place named",
        f"PRAGMA integrity_check missed {missed} of {len(changed)}", options.seed)
    return 1 if bad or not teeth else 0


if __name__ == "__main__":
    sys.exit(main())
