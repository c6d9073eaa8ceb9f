"""The share that HAProxy holds during a gradual rollback, beside the straight line of its plan.

Reads the share map as often as it can, and prints how far from the line it was at every second, by the
plan's own start and end. A machine that stands still for a while holds up an executor too: the ledger's
times tell by how much, and what fell due meanwhile is no fault of the ramp. What has to hold, however
busy the machine is: never below the line; above it by one point at most, and what those pauses cost; no
value that is not on record; nothing rises; at the end exactly the target.

ctest runs ten seconds. The long one, whose figure stands in README.md:
    python3 tests/bench/ramp_line.py build/release/bin/hal9-migrate --seconds 60 --percent 100
"""

import argparse
import datetime
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "crash"))
import stands  # noqa: E402


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Line:
    """What the plan says, in points of percent, and the steps on record: (time, share)."""

    def __init__(self, program, route):
        self.steps = []
        for text in program.export().splitlines():
            event = json.loads(text)
            kind, data = event["type"], event["data"]
            mine = [one for one in data.get("routes", ()) if isinstance(one, dict)
                    and one.get("route") == route]
            if kind == "hal9.rollback.started.v1":
                self.began, self.ends = seconds_of(data["started"]), seconds_of(data["ends"])
                self.high = mine[0]["share_from"] / 100
                self.steps = [(self.began, self.high)]
            elif kind == "hal9.traffic.observed.v1" and self.steps and mine:
                self.steps.append((seconds_of(event["time"]), mine[0]["share"] / 100))
        self.slope = self.high / (self.ends - self.began)
        step = (self.ends - self.began) / max(20, 2 * self.high)  # migration/ramp.h
        self.step = max(0.25, step)

    def at(self, moment):
        return self.high - self.slope * min(max(0.0, moment - self.began), self.ends - self.began)

    def held_up(self, moment):
        """Points that fell due while the executor stood still around this moment."""
        times = [time for time, _ in self.steps]
        before = max((one for one in times if one <= moment), default=self.began)
        after = min((one for one in times if one > moment), default=before)
        # Two steps: the one that is waited for, and the one that was due when it was reported.
        return self.slope * max(0.0, after - before - self.step)


def samples_of(stand, options):
    """[(time, points)] while the rollback runs, of the one route that is looked at."""
    out = open(stand.folder / "gradual.log", "wb")  # pylint: disable=consider-using-with
    samples = []
    with out:
        process = stand.program.start(
            "rollback", "--gradual", "--duration", f"{options.seconds}s", out=out)
        while process.poll() is None:
            shares = stand.balancer.entries("share.map")
            samples.append((time.time(), int(shares[options.route]) / 100))
            time.sleep(0.01)
    if process.returncode != 0:
        raise AssertionError((stand.folder / "gradual.log").read_text(encoding="utf-8"))
    return samples


def check(line, samples):
    """What is wrong, in sentences; and [(second, held, line)]."""
    wrong, rows = [], []
    on_record = {share for _, share in line.steps}
    for (_, earlier), (at, later) in zip(samples, samples[1:]):
        if later > earlier:
            wrong.append(f"rises from {earlier}% to {later}% after {at - line.began:.2f} s")
        if later not in on_record:
            wrong.append(f"{later}% is not on record")
    pauses = [b[0] - a[0] for a, b in zip(line.steps, line.steps[1:])]
    if statistics.median(pauses) > 1.5 * line.step:
        wrong.append(f"its steps are {statistics.median(pauses):.2f} s apart, not {line.step:.2f}")
    if line.steps[-1][1] != 0:
        wrong.append(f"ends at {line.steps[-1][1]}%")
    for second in range(1, int(line.ends - line.began)):
        moment = line.began + second
        # A reading, not the value between two: the one that is nearest.
        at, held = min(samples, key=lambda one, moment=moment: abs(one[0] - moment))
        off = held - line.at(at)
        rows.append((at - line.began, held, off))
        # Its own rounding, and a step that was written while it was read.
        if not -0.02 - line.slope * 0.1 <= off <= 1.0 + line.held_up(at):
            wrong.append(f"{held}% after {at - line.began:.2f} s, the line is at {line.at(at):.2f}%")
    return wrong, rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--percent", type=int, default=20)
    parser.add_argument("--route", default="us-west-2.substrate")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with stands.Stand(str(pathlib.Path(options.binary).resolve()), folder) as stand:
            stand.program.done("migrate", "--phase", "shadow", "--yes")
            stand.program.done(
                "migrate", "--phase", "canary", "--percentage", str(options.percent), "--yes")
            samples = samples_of(stand, options)
            line = Line(stand.program, options.route)
            wrong, rows = check(line, samples)
            # The control: the same readings beside a line that is two steps of a second ahead.
            line.began, line.ends = line.began - 2, line.ends - 2
            blind = not check(line, samples)[0]
    for second, held, off in rows:
        print(f"{second:6.2f} s  {held:6.2f}%  {off:+.2f}")
    for one in wrong[:10]:
        print(f"not ok - {one}")
    worst = max(abs(off) for _, _, off in rows)
    print(f"{'not ok' if wrong else 'ok'} - {options.percent}% to 0% in {options.seconds} s: at every "
          f"second within {worst:.2f} points of the line; {len(line.steps) - 1} steps, "
          f"{len(samples)} readings")
    print(f"{'not ok' if blind else 'ok'} - control: two seconds late would be seen")
    return 1 if wrong or blind else 0


if __name__ == "__main__":
    sys.exit(main())
