#!/usr/bin/env python3
"""Real load with users that come back: who was answered by which system, and who flipped.

Each worker keeps one connection and takes the next user and route in turn. Prints a JSON line
every --interval seconds and a last one with "final": true:
  t              seconds since the start
  requests       answered so far; flat and hierarchical: by whom
  recent         the same three since the line before
  errors         no answer, or a status other than 200
  flips          times that a user and route were answered by another system than before
  users          seen so far; users_hierarchical: whose last answer came from hierarchical
  last_hierarchical  time (seconds since 1970) of the last answer from hierarchical, or null
Ends after --seconds, or on SIGTERM or SIGINT, with the last line. Exit 1 if nothing was answered.
"""

import argparse
import http.client
import itertools
import json
import signal
import sys
import threading
import time


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.systems = {"flat": 0, "hierarchical": 0}
        self.errors = 0
        self.flips = 0
        self.last_of = {}
        self.last_hierarchical = None
        self.started = time.monotonic()
        self.before = {"requests": 0, "flat": 0, "hierarchical": 0}

    def answered(self, user, route, system):
        with self.lock:
            self.systems[system] = self.systems.get(system, 0) + 1
            known = self.last_of.get((user, route))
            if known is not None and known != system:
                self.flips += 1
            self.last_of[(user, route)] = system
            if system == "hierarchical":
                self.last_hierarchical = time.time()

    def failed(self):
        with self.lock:
            self.errors += 1

    def line(self, final=False):
        with self.lock:
            now = {"requests": sum(self.systems.values()), **self.systems}
            recent = {key: now[key] - self.before.get(key, 0) for key in now}
            self.before = now
            at_hierarchical = {u for (u, _), s in self.last_of.items() if s == "hierarchical"}
            return json.dumps({
                "t": round(time.monotonic() - self.started, 3),
                **now,
                "recent": recent,
                "errors": self.errors,
                "flips": self.flips,
                "users": len({u for u, _ in self.last_of}),
                "users_hierarchical": len(at_hierarchical),
                "last_hierarchical": self.last_hierarchical,
                "final": final,
            })


class Worker(threading.Thread):
    def __init__(self, options, visits, tally, stop):
        super().__init__(daemon=True)
        self.options, self.visits, self.tally, self.stop = options, visits, tally, stop
        self.host, self.port = options.target.rsplit(":", 1)

    def run(self):
        pause = self.options.workers / self.options.rate if self.options.rate else 0
        due = time.monotonic()
        connection = None
        while not self.stop.is_set():
            user, route = next(self.visits)
            connection = connection or http.client.HTTPConnection(
                self.host, int(self.port), timeout=5)
            if not self.visit(connection, user, route):
                connection.close()
                connection = None
                self.stop.wait(0.01)
            due = max(due + pause, time.monotonic() - pause)
            if pause:
                self.stop.wait(max(0, due - time.monotonic()))

    def visit(self, connection, user, route):
        try:
            path = "/" + route.replace(".", "/", 1) + "/item"
            connection.request("GET", path, headers={"X-User": user})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.tally.failed()
            return False
        if answer.status != 200:
            self.tally.failed()
        else:
            self.tally.answered(user, route, answer.headers.get("X-System", "unknown"))
        return True


class Visits:
    """Every user with every route, round and round; shared by the workers."""

    def __init__(self, users, routes):
        self.lock = threading.Lock()
        names = [f"user-{n}" for n in range(users)]
        self.all = itertools.cycle([(u, r) for r in routes for u in names])

    def __next__(self):
        with self.lock:
            return next(self.all)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="127.0.0.1:9700", help="host:port of the balancer")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--routes", default="us-west-2.substrate",
                        help="region.component, separated by commas")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, default=4, help="connections")
    parser.add_argument("--rate", type=float, default=0, help="requests a second; 0: no limit")
    parser.add_argument("--interval", type=float, default=1)
    return parser.parse_args()


def main():
    options = parse()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    tally = Tally()
    visits = Visits(options.users, options.routes.split(","))
    workers = [Worker(options, visits, tally, stop) for _ in range(options.workers)]
    for worker in workers:
        worker.start()
    end = time.monotonic() + options.seconds
    while not stop.is_set() and time.monotonic() < end:
        stop.wait(min(options.interval, max(0.01, end - time.monotonic())))
        print(tally.line(), flush=True)
    stop.set()
    for worker in workers:
        worker.join(timeout=6)
    print(tally.line(final=True), flush=True)
    return 0 if sum(tally.systems.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
