"""Several stands side by side, each a HAProxy, two services and a migration of its own.

`side_by_side(binary, count, jobs, play)` gives every job to a stand that is free, and returns what
each came to. A job that raises is its own; a stand whose lines do not fit their schemas fails all.
"""

import pathlib
import queue
import subprocess
import tempfile
import threading

import kill9

HERE = pathlib.Path(__file__).resolve().parent


class MapBalancer(kill9.Balancer):
    """Its maps are the shares."""

    def is_cut(self):
        return self.entries("kill.map")["all"] == "1"

    def shares(self):
        """What would count without the kill switch."""
        return {int(value) for value in self.entries("share.map").values()}

    def raise_by_hand(self, route):
        self.ask(f"set map {self.maps}/share.map {route.replace('/', '.')} 10000")


class WeightBalancer(kill9.Balancer):
    """The weights of its servers are the shares."""

    def servers(self):
        """{name: (administrative state, weight)}"""
        rows = [line.split() for line in self.ask("show servers state web").split("\n")]
        return {row[3]: (int(row[6]), int(row[7])) for row in rows if len(row) > 8 and row[1] == "web"}

    def is_cut(self):
        return self.servers()["h1"][0] == 1

    def shares(self):
        return {self.servers()["h1"][1]}

    def effective(self):
        administration, weight = self.servers()["h1"]
        return {"web": 0 if administration == 1 else weight}

    def raise_by_hand(self, _):
        self.ask("set weight web/h1 256")


class Stand:
    """Up while the `with` lasts. `program` runs hal9-migrate there, `balancer` is its HAProxy."""

    def __init__(self, binary, folder, weights=False):
        self.binary, self.folder, self.weights = binary, pathlib.Path(folder), weights

    def begin(self, folder):
        self.process = subprocess.Popen(
            ("bash", str(HERE / "one_stand.sh"), self.binary, str(folder),
             *(("weights",) if self.weights else ())),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return [self.process.stdout.readline().strip() for _ in range(6)]

    def __enter__(self):
        # A port that was free may be somebody else's by the time it is bound: nothing of what is tried
        # has begun by then, so it begins anew.
        wanted = self.folder
        for again in range(3):
            self.folder = pathlib.Path(f"{wanted}-{again}")
            lines = self.begin(self.folder)
            if lines[-1] == "up":
                break
            self.__exit__()
        else:
            raise RuntimeError(f"a stand does not come up: look into {wanted}-*")
        migration, self.socket, self.maps, front, hierarchical, _ = lines
        self.migration = pathlib.Path(migration)
        self.front, self.hierarchical = int(front), int(hierarchical)
        self.program = kill9.Program(self.binary, self.migration)
        self.balancer = (WeightBalancer if self.weights else MapBalancer)(self.socket, self.maps)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.code = self.process.wait(timeout=60)


def side_by_side(binary, count, jobs, play, weights=False):
    """[(job, what play(stand, job) returned or raised)], in the order of the jobs."""
    left = queue.SimpleQueue()
    for number, job in enumerate(jobs):
        left.put((number, job))
    done, problems = {}, []

    def work(folder):
        with Stand(binary, folder, weights) as stand:
            while True:
                try:
                    number, job = left.get_nowait()
                except queue.Empty:
                    break
                try:
                    done[number] = play(stand, job)
                except (AssertionError, OSError, ValueError, KeyError,
                        subprocess.TimeoutExpired) as error:
                    done[number] = error
        if stand.code != 0:
            problems.append(f"a stand ended with {stand.code}: what it printed says why")

    def guarded(folder):
        try:
            work(folder)
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            problems.append(repr(error))

    with tempfile.TemporaryDirectory() as folder:
        threads = [threading.Thread(target=guarded, args=(f"{folder}/{n}",)) for n in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if problems:
        raise AssertionError("; ".join(problems))
    return [(job, done[number]) for number, job in enumerate(jobs)]
