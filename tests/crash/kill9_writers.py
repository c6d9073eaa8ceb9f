"""kill -9 of several processes that write one ledger, at random moments under load.

A round starts four writers, kills each after a random time and looks: what each acknowledged is
there once, under the sequence that it was told, without a gap, and verify finds nothing. The next
round begins with the command that was perhaps recorded and not acknowledged: it is not doubled.
The control acknowledges before it commits, and must be found out.

Usage: kill9_writers.py PROMISE-LEDGER [--rounds N] [--seed N] [--ledger K]
"""

import argparse
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "promises"))
import writers  # noqa: E402

WRITERS = 4
ROUNDS_OF_A_LEDGER = 20
LONGEST_LIFE = 0.06


def play(program, place, acknowledged, dice, *options):
    """One round: four writers, killed one after the other."""
    lives = sorted((dice.uniform(0.005, LONGEST_LIFE), writer) for writer in range(1, WRITERS + 1))
    began = time.monotonic()
    # From the last one on: it is acknowledged again, and whatever is behind it may be recorded.
    running = {writer: writers.start(program, place.ledger, writer, "--from",
                                     max(1, acknowledged.next[writer]), *options)
               for _, writer in lives}
    for life, writer in lives:
        time.sleep(max(0.0, began + life - time.monotonic()))
        running[writer].kill()
    for writer, process in running.items():
        said = process.communicate()[0].decode()
        acknowledged.take(writer, said)
    writers.need(not acknowledged.errors, f"a writer was refused: {acknowledged.errors[:1]}")
    return writers.check(program, place.ledger, acknowledged)


def play_ledger(program, seed, number, rounds):
    """Rounds on a ledger of its own; (events, kills, what broke)."""
    acknowledged = writers.Acknowledged()
    events = kills = 0
    with writers.Place(program) as place:
        for one in range(rounds):
            dice = random.Random(f"{seed}:{number}:{one}")
            try:
                events = play(program, place, acknowledged, dice)
                kills += WRITERS
            except AssertionError as error:
                print(f"not ok - round {number * ROUNDS_OF_A_LEDGER + one}: {error}\n"
                      f"    again: --seed {seed} --ledger {number}", flush=True)
                return events, kills, 1
    return events, kills, 0


def control(program, seed, tries):
    """How many tries an acknowledgement before the commit survives unseen, and what gave it away."""
    for one in range(tries):
        dice = random.Random(f"{seed}:control:{one}")
        with writers.Place(program) as place:
            acknowledged = writers.Acknowledged()
            try:
                for _ in range(ROUNDS_OF_A_LEDGER):
                    play(program, place, acknowledged, dice, "--early")
            except AssertionError as error:
                return str(error)
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=writers.new_seed())
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--ledger", type=int, help="only this one, of that seed")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)

    ledgers = range((options.rounds + ROUNDS_OF_A_LEDGER - 1) // ROUNDS_OF_A_LEDGER)
    if options.ledger is not None:
        ledgers = [options.ledger]
    events = kills = broke = 0
    for number in ledgers:
        rounds = min(ROUNDS_OF_A_LEDGER, options.rounds - number * ROUNDS_OF_A_LEDGER)
        of_ledger = play_ledger(options.program, options.seed, number, max(rounds, 1))
        events, kills, broke = (a + b for a, b in zip((events, kills, broke), of_ledger))
    print(f"{'not ok' if broke else 'ok'} - {kills} processes killed, {events} events")
    given_away = control(options.program, options.seed, 10)
    print(f"{'ok' if given_away else 'not ok'} - control: {given_away}")
    writers.summary(
        "acknowledged survives kill -9", f"{kills // WRITERS} rounds, {kills} kills of {WRITERS} writers",
        f"{'BROKE' if broke else '0 lost, 0 doubled, 0 gaps'} of {events} events",
        f"acknowledging before the commit: {given_away or 'NOT SEEN'}", options.seed)
    return 1 if broke or not given_away else 0


if __name__ == "__main__":
    sys.exit(main())
