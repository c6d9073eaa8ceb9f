"""kill -9 of one or both of two ways back that run at once on one ledger, and what has to hold.

A round brings traffic to 50%, begins two rollbacks (the same routes, some of them, or others; at once
or over a second), kills one or both after a random time or in a random system call (strace), lets the
other one come to its end, and types `rollback resume`. Then every route is where the lowest of the
targets that are on record puts it, as HAProxy has it; none has risen at any moment; the ledger verifies;
each rollback is completed or superseded, once.

The control leaves the `resume` out: in some rounds a route has to be above its target then, or nothing
above was proven. A share that is raised by hand is the other one. --seed N --round K repeats a round,
as far as the machine's timing allows.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import time

import kill9
import stands
from kill9 import need

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "promises"))
import writers  # noqa: E402

REGIONS = ("us-west-2", "eu-west-1", "ap-southeast-1")
COMPONENTS = ("substrate", "protocol", "cognitive", "orchestration", "intelligence")
START = 5000
# A call of the program, and about how many of it a way back makes.
CALLS = {"sendto": 60, "pwrite64": 250, "fdatasync": 14, "fsync": 14, "rename": 6, "flock": 40,
         "connect": 30, "openat": 90}


class Back:
    """One rollback of a round: what it is about, when it starts, and how it dies (or not)."""

    def __init__(self, name, dice, dies):
        self.name = name
        self.starts = dice.uniform(0.0, 0.5)
        self.percent = dice.choice((0, 0, 0, 10, 25))
        self.over = dice.choice((0, 0, 400, 800, 1200))
        self.regions = dice.choice((None, None, dice.sample(REGIONS, dice.randint(1, 2))))
        self.components = dice.choice((None, None, dice.sample(COMPONENTS, dice.randint(1, 3))))
        self.after = self.call = None
        if not dies:
            return
        if dice.random() < 0.5:
            self.after = dice.uniform(0.0, 0.06 + self.over / 1000)
        else:
            name = dice.choice(sorted(CALLS))
            calls = CALLS[name] if self.over else CALLS[name] / 3
            self.call = (name, 1 + int(calls * dice.random()))

    def words(self):
        words = ["rollback", "--reason", self.name]
        words += ["--percentage", str(self.percent)] if self.percent else []
        words += ["--gradual", "--duration", f"{self.over}ms"] if self.over else []
        words += ["--regions", ",".join(self.regions)] if self.regions else []
        words += ["--components", ",".join(self.components)] if self.components else []
        return words

    def tracer(self):
        """What its command line begins with, so that it dies in that call."""
        if self.call is None:
            return ()
        name, number = self.call
        return ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}",
                "-e", f"inject={name}:signal=KILL:when={number}")

    def about(self, route):
        region, component = route.split(".")
        return region in (self.regions or REGIONS) and component in (self.components or COMPONENTS)

    def __str__(self):
        dies = f" killed after {self.after * 1000:.0f} ms" if self.after is not None else ""
        dies = f" killed in {self.call[0]} {self.call[1]}" if self.call else dies
        return f"{' '.join(self.words())} at {self.starts * 1000:.0f} ms{dies}"


def plan_of(dice):
    dead = dice.choice(((True, False), (False, True), (True, True)))
    return [Back(name, dice, dies) for name, dies in zip(("first", "second"), dead)]


def run_both(stand, backs):
    """Exit codes by name: None of one that was killed."""
    began, running = time.monotonic(), []
    for back in sorted(backs, key=lambda one: one.starts):
        time.sleep(max(0.0, began + back.starts - time.monotonic()))
        out = open(stand.folder / f"{back.name}.log", "wb")  # pylint: disable=consider-using-with
        running.append((back, time.monotonic(), out, subprocess.Popen(
            (*back.tracer(), stand.binary, *back.words()), cwd=stand.migration,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)))
    codes = {}
    order = sorted(running, key=lambda one: one[1] + (60 if one[0].after is None else one[0].after))
    for back, started, out, process in order:
        if back.after is not None:
            try:
                process.wait(max(0.0, started + back.after - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        code = process.wait(timeout=60)
        out.close()
        codes[back.name] = None if code < 0 or code == 137 else code
    return codes


def events_of(export):
    return [json.loads(line) for line in export.splitlines()]


def expected(balancer, backs, events):
    """Where each route has to end: the lowest target of those that are on record."""
    on_record = {event.get("reason") for event in events
                 if event["type"] in ("hal9.rollback.started.v1", "hal9.rollback.asked.v1")}
    return {route: min([START] + [back.percent * 100 for back in backs
                                  if back.name in on_record and back.about(route)])
            for route in balancer.effective()}


def check_events(events):
    """Nothing stands twice, and no rollback is left open."""
    ids = collections.Counter(event["id"] for event in events)
    need(max(ids.values(), default=1) == 1, "an event stands twice")
    ends = collections.Counter()
    begun, fences = [], []
    for event in events:
        data, kind = event["data"], event["type"]
        if kind == "hal9.rollback.started.v1":
            begun.append(data["rollback"])
        elif kind in ("hal9.rollback.completed.v1", "hal9.rollback.superseded.v1"):
            ends[data["rollback"]] += 1
        elif kind == "hal9.executor.taken.v1":
            fences.append(data["fence"])
    need(len(begun) == len(set(begun)), "a rollback was begun twice")
    need(ends == collections.Counter(begun), f"begun {begun}, and ended {dict(ends)}")
    need(all(a < b for a, b in zip(fences, fences[1:])), f"fences do not grow: {fences}")


def above(balancer, wanted):
    return {route: share for route, share in balancer.effective().items() if share > wanted[route]}


def play(stand, backs, raise_by_hand=False):
    """A round; raises AssertionError with what did not hold. (kills, whether routes were left above)"""
    program, balancer = stand.program, stand.balancer
    program.done("migrate", "--phase", "shadow", "--yes")
    acknowledged = program.done("migrate", "--phase", "canary", "--percentage", "50", "--yes")
    before = program.export()
    sampler = kill9.Sampler(balancer)
    try:
        need(set(sampler.last.values()) == {START}, f"canary is not at 50%: {sampler.last}")
        codes = run_both(stand, backs)
        for name, code in codes.items():
            said = (stand.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            need(code in (None, 0, 9), f"{name}: exit {code}\n{said}")
        middle = kill9.check_ledger(program, before, acknowledged)
        wanted = expected(balancer, backs, events_of(middle[len(before):]))
        left = above(balancer, wanted)
        if raise_by_hand:
            balancer.ask(f"set map {balancer.maps}/share.map {next(iter(wanted))} 9999")
            time.sleep(0.1)
        ran = program.run("rollback", "resume")
        need(ran.returncode == 0, f"resume: exit {ran.returncode}\n{ran.stdout.decode()}")
        need(sampler.rise is None, f"a share rose: {sampler.rise}")
        after = kill9.check_ledger(program, middle, acknowledged)
        events = events_of(after[len(before):])
        wanted = expected(balancer, backs, events)  # a spooled one was taken in
        now = balancer.effective()
        need(now == wanted, f"wanted {wanted}\n    is     {now}")
        check_events(events)
        need(program.run("traffic", "--verify").returncode == 0, "traffic --verify finds something")
    finally:
        sampler.end()
        program.run("rollback", "--force")
    need(sampler.problem is None, sampler.problem)
    need(sampler.rise is None, f"a share rose: {sampler.rise}")
    return sum(code is None for code in codes.values()), bool(left)


def control(binary, seed):
    """A share raised by hand has to be seen; what gave it away."""
    def raised(stand, backs):
        play(stand, backs, raise_by_hand=True)
    backs = plan_of(random.Random(f"{seed}:control"))
    [(_, came)] = stands.side_by_side(binary, 1, [backs], raised)
    return str(came) if isinstance(came, AssertionError) and "rose" in str(came) else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--round", type=int, help="only this one, of that seed")
    parser.add_argument("--stands", type=int, default=4, help="side by side")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    print(f"seed {options.seed}", flush=True)

    numbers = range(options.rounds) if options.round is None else [options.round]
    plans = [plan_of(random.Random(f"{options.seed}:{number}")) for number in numbers]
    count = min(options.stands, len(plans))
    kills = left_above = broke = 0
    played = stands.side_by_side(binary, count, plans, play)
    for number, (backs, came) in zip(numbers, played):
        if isinstance(came, Exception):
            broke += 1
            told = "; ".join(str(back) for back in backs)
            print(f"not ok - round {number}: {told}: {came!s}\n"
                  f"    again: --seed {options.seed} --round {number}", flush=True)
        else:
            kills, left_above = kills + came[0], left_above + came[1]
    print(f"{'not ok' if broke else 'ok'} - {len(plans)} rounds, {kills} processes killed")
    if options.round is not None:
        return 1 if broke else 0
    needed = left_above > 0
    print(f"{'ok' if needed else 'not ok'} - control: without the resume {left_above} rounds would "
          "have left a route above its target")
    seen = control(binary, options.seed)
    print(f"{'ok' if seen else 'not ok'} - control: {seen or 'a share raised by hand was not seen'}")
    writers.summary(
        "two ways back survive kill -9", f"{len(plans)} rounds of two, {kills} kills",
        f"{broke} BROKE" if broke else "every route at its target, none rose, none ended twice",
        f"resume left out: {left_above} rounds above; raised by hand: "
        f"{'seen' if seen else 'NOT SEEN'}", options.seed)
    return 1 if broke or not needed or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
