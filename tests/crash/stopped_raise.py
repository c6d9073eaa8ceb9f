"""An emergency while somebody else's raise stands still, at each of its steps.

`migrate --phase ramp-up --percentage 50` is stopped (SIGSTOP, by strace) behind its Nth call of each kind
that reaches a disk, a lock or HAProxy, for every N until it ends before it is stopped. There an emergency
has to be done in its time, with its kill switch on and every share read as 0; then the raise goes on,
and has no effect: requests go to flat all the time, the kill switch stays on, the shares end at 0, and
the ledger tells both in their order. At every other step the raise goes on while the emergency still
waits for it.

The control is a raise that nothing holds against: the same write to HAProxy's map without a kill switch
sends requests to hierarchical, so that what counts the requests is no blind eye.
"""

import argparse
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import kill9
import stands
from kill9 import need

# Calls by which a step is seen by others. Between them nothing outside of the process changes.
CALLS = ("sendto", "connect", "fsync", "fdatasync", "rename", "flock", "ftruncate", "unlink")
RAISE = ("migrate", "--phase", "ramp-up", "--percentage", "50", "--yes")
# The look without the lock, its wait for a raise, the wait for its end, and the ledger's: 1 + 8 + 1 s,
# and room for a busy machine.
BOUND = 14.0
MOST = 60  # more calls of a kind than a raise makes
START = 5000
ROUTE = "us-west-2/substrate"


class Users(threading.Thread):
    """Requests through the front until ended; how many went where."""

    def __init__(self, stand):
        super().__init__(daemon=True)
        self.stand, self.ended, self.sent = stand, threading.Event(), 0

    def run(self):
        while not self.ended.is_set():
            self.ask(20)

    def ask(self, times):
        for number in range(times):
            one = http.client.HTTPConnection("127.0.0.1", self.stand.front, timeout=5)
            one.request("GET", f"/{ROUTE}/x", headers={"x-user": f"u{self.sent + number}"})
            need(one.getresponse().status == 200, "a user got an error")
            one.close()
        self.sent += times

    def end(self):
        self.ended.set()
        self.join()


def at_hierarchical(stand):
    one = http.client.HTTPConnection("127.0.0.1", stand.hierarchical, timeout=5)
    one.request("GET", "/counts")
    counts = json.loads(one.getresponse().read())
    one.close()
    return counts["requests"]


def child_of(process):
    text = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return int(text.split()[0])


def start_raise(stand, step):
    """(strace, the raise's process id or None if it came to its end)"""
    call, number = step
    trace = stand.folder / "trace"
    trace.unlink(missing_ok=True)
    out = open(stand.folder / "raise.log", "wb")  # pylint: disable=consider-using-with
    with out:
        process = subprocess.Popen(
            ("strace", "-f", "-q", "-o", str(trace), "-e", f"trace={call}", "-e",
             f"inject={call}:signal=STOP:when={number}", stand.binary, *RAISE),
            cwd=stand.migration, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    while process.poll() is None:
        if trace.exists() and "stopped by SIGSTOP" in trace.read_text(encoding="utf-8", errors="replace"):
            return process, child_of(process)
        time.sleep(0.005)
    return process, None


def forward(stand):
    if stand.weights:
        stand.program.done("rollback", "--force")  # its haproxy.cfg begins with a third at hierarchical
    shadow = ("shadow", "--percentage", "0") if stand.weights else ("shadow",)
    for words in (shadow, ("canary", "--percentage", "5"), ("state-migration",)):
        stand.program.done("migrate", "--phase", *words, "--yes")


def is_cut(stand):
    return stand.balancer.is_cut()


def sequences(stand, since):
    """Of the last request for 50%, the last reading of it, and the last halt, behind what the ledger
    held before; None if there is none."""
    found = {"requested": None, "observed": None, "halt": None}
    for line in stand.program.export()[since:].splitlines():
        event = json.loads(line)
        number, data = int(event["sequence"]), event["data"]
        # Of what failed they are names, and not amounts.
        at_half = any(one.get("share") == START for one in data.get("routes", ()) if isinstance(one, dict))
        if event["type"] == "hal9.halt.set.v1":
            found["halt"] = number
        for kind in ("requested", "observed"):
            if event["type"] == f"hal9.traffic.{kind}.v1" and at_half:
                found[kind] = number
    return found


def go_on(raiser):
    try:
        os.kill(raiser, signal.SIGCONT)
    except ProcessLookupError:
        pass  # gone on before, and at its end


def cut_beside(stand, raiser, goes_on):
    """The emergency; its exit code, and how long it took."""
    began = time.monotonic()
    with open(stand.folder / "emergency.log", "wb") as out:
        process = stand.program.start("rollback", "--emergency", "--force", out=out)
        while process.poll() is None and not is_cut(stand):
            time.sleep(0.002)
        cut = time.monotonic() - began
        if goes_on:
            time.sleep(0.3)
            go_on(raiser)
        code = process.wait(timeout=60)
    need(cut < 1.5, f"the kill switch was on after {cut:.1f} s")
    return code, time.monotonic() - began


def play(stand, step):
    """False: the raise came to its end before this step."""
    forward(stand)
    since = len(stand.program.export())
    tracer, raiser = start_raise(stand, step)
    if raiser is None:
        stand.program.run("rollback", "--force")
        return False
    try:
        goes_on = step[1] % 2 == 1
        code, took = cut_beside(stand, raiser, goes_on)
        said = (stand.folder / "emergency.log").read_text(encoding="utf-8", errors="replace")
        need(code in (0, 8, 9), f"emergency: exit {code}\n{said}")
        need(code != 8 or "raise of another process is still in flight" in said,
             f"exit 8, and not for the raise\n{said}")
        need(took < BOUND, f"the emergency took {took:.1f} s")
        need("Flat: 100%, Hierarchical: 0%" in said, f"it does not say that it is cut\n{said}")
        need(is_cut(stand), "the kill switch is off behind the emergency")
        if not goes_on:
            need(max(stand.balancer.effective().values()) == 0, "not cut")
        before, users = at_hierarchical(stand), Users(stand)
        users.start()
        go_on(raiser)
        raised = tracer.wait(timeout=60)
        time.sleep(0.05)
        users.end()
        users.ask(20)
    finally:
        if tracer.poll() is None:
            os.kill(raiser, signal.SIGKILL)
            tracer.wait()
    check_after(stand, raised, before, users, since)
    return f"emergency: exit {code} after {took:.1f} s, raise: exit {raised}"


def check_after(stand, raised, before, users, since):
    said = (stand.folder / "raise.log").read_text(encoding="utf-8", errors="replace")
    need(users.sent > 0 and at_hierarchical(stand) == before,
         f"{at_hierarchical(stand) - before} requests went to hierarchical behind the halt\n{said}")
    need(is_cut(stand), f"the raise took the kill switch off\n{said}")
    shares = stand.balancer.shares()
    need(shares == {0}, f"the raise left {shares}\n{said}")
    stand.program.done("annotate", "takes in what waits in the spool")
    where = sequences(stand, since)
    need(where["halt"] is not None, "the halt is not on record")
    need(where["requested"] is None or where["requested"] < where["halt"],
         f"in the ledger the raise comes behind the halt: {where}")
    done = where["observed"] is not None and where["observed"] < where["halt"]
    need(raised != 0 or done, f"the raise says done, and is not: {where}\n{said}")
    need(raised in (0, 3, 5, 6, 8), f"raise: exit {raised}\n{said}")
    for words in (("ledger", "verify"), ("traffic", "--verify")):
        ran = stand.program.run(*words)
        need(ran.returncode == 0, f"{' '.join(words)}: exit {ran.returncode}\n{ran.stdout.decode()}")
    need(stand.program.phase() == "none", "the phase is not none")


def control(stand, _):
    """How many requests the same write brings to hierarchical where no halt stands."""
    forward(stand)
    before, users = at_hierarchical(stand), Users(stand)
    stand.balancer.raise_by_hand(ROUTE)
    users.ask(20)
    return at_hierarchical(stand) - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--step", help="only this one, as sendto:3")
    parser.add_argument("--stands", type=int, default=6, help="side by side: most of it is waiting")
    parser.add_argument("--weights", action="store_true",
                        help="HAProxy splits by server weights; maint is the kill switch")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    over = set()  # calls of which the raise makes no more

    def at_step(stand, step):
        if step[0] in over:
            return False
        came = play(stand, step)
        if came is False:
            over.add(step[0])
        return came

    steps = [(call, number) for call in CALLS for number in range(1, MOST)]
    if options.step is not None:
        call, number = options.step.split(":")
        steps = [(call, int(number))]
    tried = broke = 0
    for step, came in stands.side_by_side(binary, min(options.stands, len(steps)), steps, at_step,
                                         options.weights):
        if came is False:
            continue
        tried += 1
        name = f"{step[0]}:{step[1]}"
        if isinstance(came, Exception):
            broke += 1
            print(f"not ok - {name}: {came}\n    again: --step {name}")
        else:
            print(f"ok - {name}: {came}")
    [(_, there)] = stands.side_by_side(binary, 1, [None], control, options.weights)
    seen = not isinstance(there, Exception) and there > 0
    print(f"{'ok' if seen else 'not ok'} - control: without a halt {there} requests of 20 arrive")
    enough = len(over) == len(CALLS) or options.step is not None
    print(f"{'ok' if enough else 'not ok'} - the raise was stopped at each of its {tried} steps")
    print(f"{tried - broke} passed, {broke} failed")
    return 1 if broke or not seen or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
