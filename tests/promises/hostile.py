"""The hostile corpus (tests/corpus) through every entrance of the command line: init, --reason,
annotate, and names in hal9.yaml.

Each string is refused with a documented exit code, or recorded and shown without harm: no byte that
moves a terminal's cursor, hides or reverses text; JSON and CSV read back as what was put in; no formula
for a spreadsheet; no name in HAProxy's lines but those that names may be. The control prints the corpus
as it is, which has to be found harmful.

Usage: hostile.py HAL9-MIGRATE
"""

import argparse
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import writers

EXITS = range(10)
CORPUS = pathlib.Path(__file__).resolve().parents[1] / "corpus" / "hostile.json"
LONGEST_ARGUMENT = 100_000  # the kernel takes no more than 128 KiB in one
HARMFUL = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f\\x80-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]"
    "|[\\U000e0000-\\U000e007f]")


def corpus():
    """(title, bytes) of each entry."""
    for entry in json.loads(CORPUS.read_text()):
        data = bytes.fromhex(entry["hex"]) if "hex" in entry else (
            entry["text"] * entry.get("times", 1)).encode("utf-8", "surrogatepass")
        yield f"{entry['kind']}/{entry['name']}", data


def harmless(said, what):
    text = said.decode("utf-8", "strict")  # what is no UTF-8 is harm as well
    found = HARMFUL.search(text)
    writers.need(not found, f"{what} prints {found and found[0]!r}")


class Migration:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        folder.mkdir(exist_ok=True)
        ran = self.run(b"init", b".")
        writers.need(ran.returncode == 0, f"init: {ran.stderr}")
        self.good = (folder / "hal9.yaml").read_text()

    def run(self, *words):
        ran = subprocess.run((os.fsencode(self.program), *words), cwd=self.folder,
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
                             env={**os.environ, "NO_COLOR": "1"})
        what = b" ".join(words)[:60]
        writers.need(ran.returncode in EXITS, f"{what}: exit {ran.returncode}")
        harmless(ran.stdout, what)
        harmless(ran.stderr, what)
        return ran


def check_views(migration, data):
    """Whatever shows texts: harmless, and the formats read back."""
    migration.run(b"timeline")
    migration.run(b"status")
    migration.run(b"rollback", b"list")
    text = data.decode("utf-8", "replace")
    as_json = json.loads(migration.run(b"timeline", b"--format", b"json").stdout)
    lines = migration.run(b"timeline", b"--format", b"jsonl").stdout.splitlines()
    writers.need(len(as_json) == len([json.loads(line) for line in lines]), "json and jsonl differ")
    table = migration.run(b"timeline", b"--format", b"csv").stdout.decode()
    rows = list(csv.reader(io.StringIO(table, newline="")))
    writers.need(len({len(row) for row in rows}) == 1, f"csv: rows of different lengths for {text!r}")
    writers.need(len(rows) == len(as_json) + 1, f"csv: {len(rows)} rows for {len(as_json)} events")
    for row in rows:
        bad = [cell for cell in row if cell[:1] in ("=", "+", "@", "\t", "\r")
               or (cell[:1] == "-" and not re.fullmatch(r"-[\d.]*%?", cell))]
        writers.need(not bad, f"csv: a formula {bad[:1]}")


def through_texts(migration, data):
    """annotate and --reason; whether it was taken by annotate."""
    taken = migration.run(b"annotate", b"--", data) if data.startswith(b"-") else migration.run(
        b"annotate", data)
    migration.run(b"rollback", b"--reason=" + data)
    migration.run(b"rollback", b"--emergency", b"--force", b"--reason=" + data)
    check_views(migration, data)
    return taken.returncode == 0


def through_names(migration, data):
    migration.run(b"init", b"other", b"--name=" + data)
    migration.run(b"feature", b"disable", b"--", data)
    migration.run(b"migrate", b"--phase=" + data, b"--yes")
    migration.run(b"annotate", b"x", b"--rollback=" + data)
    migration.run(b"annotate", b"x", b"--at=" + data)


def through_configuration(migration, data):
    """A region, a feature, a migration's name, a balancer's and a whole file."""
    file = migration.folder / "hal9.yaml"
    quoted = json.dumps(data.decode("utf-8", "replace"))
    good = migration.good
    places = (("us-west-2", quoted), ("hierarchical_learning", quoted), ('"hal9"', quoted),
              ("substrate", quoted), ("gates: normal", quoted + ": normal"))
    for was, put in places:
        file.write_text(good.replace(was, put, 1), errors="replace")
        checked = migration.run(b"config", b"check")
        migration.run(b"config", b"view")
        if checked.returncode == 0:
            writers.need(re.fullmatch(rb"[A-Za-z0-9_.-]{1,64}", data), f"config took {data[:40]!r}")
    file.write_bytes(data)
    migration.run(b"config", b"check")
    migration.run(b"status")
    file.write_text(good)


def check_end(migration):
    for words in ((b"ledger", b"verify"), (b"config", b"check")):
        ran = migration.run(*words)
        writers.need(ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    program = parser.parse_args().program.resolve()
    broken, strings, taken, raw = [], 0, 0, 0
    memory = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="hal9-hostile-",
                                     dir=memory if memory.is_dir() else None) as folder:
        # A migration for each kind: a timeline of everything would be shown a thousand times.
        migrations = {}
        for title, data in corpus():
            strings += 1
            kind = title.split("/")[0]
            if kind not in migrations:
                migrations[kind] = Migration(program, pathlib.Path(folder) / kind)
            migration = migrations[kind]
            try:
                harmless(data, title)
            except (AssertionError, UnicodeDecodeError):
                raw += 1
            try:
                through_configuration(migration, data)
                if b"\0" not in data and len(data) <= LONGEST_ARGUMENT:
                    through_names(migration, data)
                    taken += through_texts(migration, data)
            except (AssertionError, ValueError, subprocess.TimeoutExpired) as error:
                broken.append(f"{title}: {error}")
            finally:
                (migration.folder / "hal9.yaml").write_text(migration.good)
        for migration in migrations.values():
            try:
                check_end(migration)
            except AssertionError as error:
                broken.append(f"at the end: {error}")
    for why in broken:
        print(f"not ok - {why}")
    print(f"{'not ok' if broken else 'ok'} - {strings} strings, {taken} taken as a text")
    print(f"{'ok' if raw else 'not ok'} - control: {raw} of {strings} would do harm as they are")
    writers.summary("hostile names and configurations", f"{strings} strings by 5 entrances",
                    f"BROKE: {len(broken)}" if broken else f"refused or escaped; {taken} taken as a text",
                    f"printed as they are, {raw} of {strings} do harm", 0)
    return 1 if broken or not raw else 0


if __name__ == "__main__":
    sys.exit(main())
