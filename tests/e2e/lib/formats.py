#!/usr/bin/env python3
"""Every listing in every form, on one ledger: each form is parsed by another program's reader and has the rows and
the values that the JSON has.

Usage: formats.py HAL9-MIGRATE (in the folder of a migration)
"""
import csv
import io
import json
import subprocess
import sys

import yaml

FORMATS = ["json", "yaml", "jsonl", "csv", "table", "wide"]
# Each, and whether it is a list.
LISTINGS = [
    (["timeline"], True),
    (["timeline", "--group"], True),
    (["timeline", "--type", "rollback"], True),
    (["timeline", "--limit", "3", "--reverse"], True),
    (["timeline", "--actor", "nobody"], True),
    (["rollback", "list"], True),
    (["rollback", "show", "latest"], False),
    (["feature", "list"], True),
    (["feature", "status", "meta_cognition"], False),
    (["traffic"], False),
    (["status"], False),
    (["ledger", "seals"], False),
    (["ledger", "keys"], False),
    (["ledger", "open"], False),
    (["explain", "5"], False),
]


def run(binary, words, form):
    done = subprocess.run([binary, *words, "--format", form], capture_output=True, check=False)
    if done.returncode not in (0, 3):
        raise AssertionError(f"exit {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def flat(value, name=""):
    """As the CSV has it: members a.b, elements a.0; nothing for what is empty."""
    if isinstance(value, dict):
        cells = {}
        for member, inner in value.items():
            cells.update(flat(inner, f"{name}.{member}" if name else member))
        return cells
    if isinstance(value, list):
        cells = {}
        for place, inner in enumerate(value):
            cells.update(flat(inner, f"{name}.{place}"))
        return cells
    if value is None:
        return {name: ""}
    return {name: value if isinstance(value, str) else json.dumps(value)}


def same_cell(cell, value):
    # A spreadsheet would run what begins so; a number that is one is written as JSON has it.
    return cell == value or (value[:1] in "=+-@" and cell == "'" + value)


def check_cells(cells, wanted):
    for name, value in wanted.items():
        assert same_cell(cells.get(name, ""), value), (name, cells.get(name), value)
    for name, cell in cells.items():
        assert cell == "" or name in wanted, (name, cell)


def check_csv(text, wanted, is_list, grouped):
    rows = list(csv.reader(io.StringIO(text)))
    assert rows, "a csv has its header, whatever is in it"
    head, body = rows[0], rows[1:]
    assert len(set(head)) == len(head), head
    if not is_list:
        assert head == ["name", "value"], head
        check_cells(dict(body), flat(wanted))
        return
    if grouped:  # there each event is a row
        wanted = [
            {"group": group["group"], "incident": (group["incident"] or {}).get("incident"),
             "rollback": (group["rollback"] or {}).get("id"), **event}
            for group in wanted for event in group["events"]
        ]
    assert len(body) == len(wanted), (len(body), len(wanted))
    for row, one in zip(body, wanted):
        check_cells(dict(zip(head, row)), flat(one))


def check_table(text, wanted, words):
    lines = text.splitlines()
    assert lines, "something is said"
    if "--group" in words:
        events = sum(len(group["events"]) for group in wanted)
        headings = sum(2 if group["rollback"] or group["incident"] else 1 for group in wanted)
        assert len([line for line in lines if line]) == events + headings, (len(lines), events)
    elif words[0] == "timeline":
        # Of an actor who did nothing, those who did something are named.
        assert len(lines) == (len(wanted) or 2), (lines, wanted)
    elif words[-1] == "list":
        assert len(lines) == (len(wanted) + 1 if wanted else 1), lines


def check(binary, words, is_list):
    texts = {form: run(binary, words, form) for form in FORMATS}
    wanted = json.loads(texts["json"])
    assert isinstance(wanted, list) == is_list
    assert yaml.safe_load(texts["yaml"]) == wanted, "yaml"
    lines = [json.loads(line) for line in texts["jsonl"].splitlines()]
    assert lines == (wanted if is_list else [wanted]), "jsonl"
    check_csv(texts["csv"], wanted, is_list, "--group" in words)
    for form in ("table", "wide"):
        check_table(texts[form], wanted, words)


def main():
    binary = sys.argv[1]
    failed = 0
    for words, is_list in LISTINGS:
        try:
            check(binary, words, is_list)
            print(f"ok - {' '.join(words)} in {len(FORMATS)} forms")
        except (AssertionError, ValueError, yaml.YAMLError) as error:
            failed += 1
            print(f"not ok - {' '.join(words)}: {error!r}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
