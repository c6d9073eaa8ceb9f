"""A reader that stays open while 500 events a second are written: it is cut, and the WAL comes back.

The reader looks again and again in one steady look. It ends with an error after its 30 s, or once the
WAL behind it is long; that stays within 64 MiB and is used again within 10 s. The control is a
reader of another program, which nobody cuts.

Usage: long_reader.py PROMISE-LEDGER [--rate N] [--batch N]
"""

import argparse
import pathlib
import sqlite3
import subprocess
import sys
import threading
import time

import writers

MEBIBYTE = 1 << 20
LIMIT = 64 * MEBIBYTE
READ_LIMIT, BACK_WITHIN = 30, 10


def size_of(file):
    return file.stat().st_size if file.exists() else 0


def salt_of(wal):
    """Changes when the WAL is begun anew."""
    with open(wal, "rb") as file:
        return file.read(24)[16:]


def watch(program, options, hold):
    """(largest WAL, seconds until the reader had ended, seconds until the WAL was used again)."""
    with writers.Place(program) as place:
        wal = place.folder / "hal9.db-wal"
        seconds = READ_LIMIT + BACK_WITHIN + 10
        writer = writers.start(program, place.ledger, 1, "--rate", options.rate, "--batch", options.batch,
                               "--seconds", seconds)
        collected = []
        thread = threading.Thread(target=lambda: collected.append(writer.stdout.read().decode()))
        thread.start()
        time.sleep(2)
        began = time.monotonic()
        ended = hold(place.ledger)
        largest, cut_after, salt, back_after = 0, None, None, None
        while writer.poll() is None:
            now = time.monotonic() - began
            largest = max(largest, size_of(wal))
            if cut_after is None and ended():
                cut_after = now
                salt = salt_of(wal)
            if cut_after is not None and back_after is None and salt_of(wal) != salt:
                back_after = now - cut_after
            time.sleep(0.1)
        thread.join()
        acknowledged = writers.Acknowledged()
        acknowledged.take(1, collected[0])
        writers.need(not acknowledged.errors, f"refused: {acknowledged.errors[:1]}")
        writers.check(program, place.ledger, acknowledged)
        return largest, cut_after, back_after


def our_reader(program):
    def hold(ledger):
        process = subprocess.Popen((program, "hold", ledger), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return lambda: process.poll() is not None
    return hold


def foreign_reader(ledger):
    database = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, isolation_level=None)
    database.execute("BEGIN")
    database.execute("SELECT sequence FROM head").fetchall()
    return lambda: database is None


def judge(largest, cut_after, back_after):
    writers.need(cut_after is not None, f"the reader was not cut; the WAL was {largest / MEBIBYTE:.0f} MiB")
    writers.need(back_after is not None and back_after <= BACK_WITHIN, f"back after {back_after} s")
    writers.need(largest <= LIMIT, f"the WAL was {largest / MEBIBYTE:.0f} MiB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--batch", type=int, default=1)
    options = parser.parse_args()
    program = options.program.resolve()
    broke, result = False, ""
    try:
        seen = watch(program, options, our_reader(program))
        result = f"WAL {seen[0] / MEBIBYTE:.0f} MiB at most"
        judge(*seen)
        result += f", cut after {seen[1]:.0f} s, used again {seen[2]:.1f} s later"
        print(f"ok - {result}", flush=True)
    except AssertionError as error:
        broke, result = True, f"BROKE: {error}"
        print(f"not ok - {error}", flush=True)
    found = None
    try:
        judge(*watch(program, options, foreign_reader))
    except AssertionError as error:
        found = str(error)
    print(f"{'ok' if found else 'not ok'} - control: {found}")
    writers.summary("long reader", f"{options.rate} writes/s, {options.batch} a transaction", result,
                    f"a reader of another program: {found or 'NOT SEEN'}", 0)
    return 1 if broke or not found else 0


if __name__ == "__main__":
    sys.exit(main())
