"""Several processes write one ledger as fast as they can, others bring its WAL into the file.

Each acknowledged event is there once, under the sequence that its writer was told, and no writer is
refused, though the flusher waits at the worst moment (late_checkpoint.h). The control is the same program
with a lock that is always given: SQLite 3.40.1 loses committed transactions when one connection writes
while another one flushes.

Usage: many_writers.py PROMISE-LEDGER PROMISE-LEDGER-UNLOCKED [--seconds N] [--tries N]
"""

import argparse
import subprocess
import sys
import threading

import writers

WRITERS = 8
# A writer that also brings its WAL into the file at each commit leaves it ready to be begun anew, which is
# where the late flusher waits for it: 23 runs of 24 on a busy machine, where one in ten had met by chance.
CONTROL = ("--stubborn", "--batch", "50", "--size", "4000")


def talk(processes):
    """What each said until it ended; read side by side, so that no full pipe holds one up."""
    said = {}
    threads = [threading.Thread(target=lambda n=name, p=process: said.update(
        {n: p.communicate()[0].decode()})) for name, process in processes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def run(program, count, flushers, seconds, *options):
    """Raises AssertionError with what broke; (events, the slowest writer's, the quickest one's)."""
    with writers.Place(program) as place:
        acknowledged = writers.Acknowledged()
        running = {writer: writers.start(program, place.ledger, writer, "--seconds", seconds, *options)
                   for writer in range(1, count + 1)}
        beside = [subprocess.Popen((program, "flush", place.ledger, "--late", "--seconds", str(seconds)),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                  for _ in range(flushers)]
        for writer, text in talk(running).items():
            acknowledged.take(writer, text)
        for one in beside:
            one.communicate()
        writers.need(not acknowledged.errors, f"refused: {''.join(acknowledged.errors[:1])}")
        events = writers.check(program, place.ledger, acknowledged)
        writers.need(events == len(acknowledged.events), "there is more than was acknowledged")
        each = [acknowledged.next[writer] for writer in running]
        return events, min(each), max(each)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("unlocked")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--tries", type=int, default=10, help="of the control")
    options = parser.parse_args()
    broke, result = False, ""
    try:
        events, slowest, quickest = run(options.program, WRITERS, 1, options.seconds)
        result = f"0 lost, 0 refused of {events} events (each writer {slowest} to {quickest})"
        print(f"ok - {result}", flush=True)
    except AssertionError as error:
        broke, result = True, f"BROKE: {error}"
        print(f"not ok - {error}", flush=True)
    seen = None
    for tried in range(1, options.tries + 1):
        try:
            run(options.unlocked, 1, 1, 3, *CONTROL)
        except AssertionError as error:
            # The path of a folder that is gone says nothing, and a bar would end the table's cell.
            seen = f"run {tried} of 3 s: {str(error).split(' | ')[0].rsplit('/', 3)[0]}"
            if "damaged" in str(error):
                seen = f"run {tried} of 3 s: the database's pages contradict each other"
            break
    print(f"{'ok' if seen else 'not ok'} - control: {seen or 'nothing was lost'}")
    writers.summary("many writers", f"{WRITERS} processes and a flusher, {options.seconds} s", result,
                    f"without the lock file, {seen or 'NOT SEEN'}", 0)
    return 1 if broke or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
