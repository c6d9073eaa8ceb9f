"""Writing for long: descriptors stay as many, memory does not grow, the ledger verifies.

The process writes 300 events a second; its resident memory of its own (RssAnon) and its descriptors
are looked at from after a warm-up to the end. The control forgets a little with each event.

Usage: soak.py PROMISE-LEDGER [--seconds N] [--rate N] [--folder FOLDER]
"""

import argparse
import pathlib
import subprocess
import sys
import threading
import time

import writers

MEBIBYTE = 1 << 20
CONTROL_SECONDS = 10


def memory_of(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the machine does not say RssAnon")


def descriptors_of(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def write_for(program, seconds, rate, above, *options):
    """(events, samples of (time, memory, descriptors))."""
    with writers.Place(program, above) as place:
        acknowledged = writers.Acknowledged()
        process = writers.start(program, place.ledger, 1, "--seconds", seconds, "--rate", rate, *options)
        said = []
        reading = threading.Thread(target=lambda: said.append(process.stdout.read().decode()))
        reading.start()
        began, samples = time.monotonic(), []
        while process.poll() is None:
            try:
                samples.append((time.monotonic() - began, memory_of(process.pid), descriptors_of(process.pid)))
            except (OSError, AssertionError):
                break  # it has ended
            time.sleep(min(1.0, seconds / 40))
        process.wait()
        reading.join()
        acknowledged.take(1, said[0])
        writers.need(not acknowledged.errors, f"refused: {acknowledged.errors[:1]}")
        events = writers.check(program, place.ledger, acknowledged)
        writers.need(events == len(acknowledged.events) > 0, "what is there is not what was acknowledged")
        return events, samples


def judge(samples, seconds):
    """Raises AssertionError; (mebibytes grown, mebibytes an hour)."""
    warm = [one for one in samples if one[0] >= seconds * 0.4]
    writers.need(len(warm) >= 10, "too few looks")
    third = len(warm) // 3
    # The lock file is open for the moment of a commit: what stays open is the least that is seen.
    first, last = (min(count for _, _, count in part) for part in (warm[:third], warm[-third:]))
    writers.need(first == last, f"descriptors: {first} to {last}")
    middle = lambda part: sorted(memory for _, memory, _ in part)[len(part) // 2]  # noqa: E731
    grown = (middle(warm[-third:]) - middle(warm[:third])) / MEBIBYTE
    hours = max((warm[-1][0] - warm[0][0]) * 2 / 3 / 3600, 1e-9)
    # What is seen in seconds would be much in an hour: a page more is no leak.
    writers.need(grown < max(1.0 * hours, 0.25), f"memory grew by {grown:.2f} MiB in {hours:.3f} h")
    return grown, grown / hours


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--folder", help="on the disk that is meant; otherwise in memory")
    options = parser.parse_args()
    program = options.program.resolve()
    broke, result = False, ""
    try:
        events, samples = write_for(program, options.seconds, options.rate, options.folder)
        grown, an_hour = judge(samples, options.seconds)
        result = (f"verifies; {min(one[2] for one in samples[-10:])} descriptors throughout, {samples[-1][1] / MEBIBYTE:.1f} MiB, "
                  f"{grown:+.2f} MiB" + (f" ({an_hour:+.2f} an hour)" if options.seconds >= 600 else ""))
        print(f"ok - {events} events: {result}", flush=True)
    except (AssertionError, subprocess.SubprocessError) as error:
        broke, events, result = True, 0, f"BROKE: {error}"
        print(f"not ok - {error}", flush=True)
    seen = None
    try:
        _, samples = write_for(program, CONTROL_SECONDS, options.rate, options.folder, "--leak")
        judge(samples, CONTROL_SECONDS)
    except AssertionError as error:
        seen = str(error)
    print(f"{'ok' if seen else 'not ok'} - control: {seen}")
    writers.summary("soak", f"{options.rate} writes/s for {options.seconds} s, {events} events", result,
                    f"a program that leaks: {seen or 'NOT SEEN'}", 0)
    return 1 if broke or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
