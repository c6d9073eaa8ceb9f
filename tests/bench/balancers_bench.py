"""From the command until three balancers show 0 on 15 routes: ours beside three socat in parallel.

Each balancer is asked again and again on a connection of its own, alike for both. Ours also writes
the ledger and the map files; what comes after the last 0 is in `whole process`. Medians, by turns.
"""

import argparse
import socket
import statistics
import subprocess
import sys
import threading
import time

RAW = """
for balancer in "$@"; do
  socket=${balancer%%=*} maps=${balancer#*=}
  awk -v map="$maps/share.map" '!/^#/ { printf "set map %s %s 0; ", map, $1 }
    END { print "show map " map }' "$maps/share.map" |
    socat -t5 - "UNIX-CONNECT:$socket" >"$maps/seen" &
done
wait
"""


class Watched:
    """Asks one balancer's shares without a pause; says when the first all-zero answer came."""

    def __init__(self, path, maps):
        self.question = f"show map {maps}/share.map\n".encode()
        self.peer = socket.socket(socket.AF_UNIX)
        self.peer.connect(path)
        self.peer.sendall(b"prompt\n")
        self.read()

    def read(self):
        answer = b""
        while not answer.endswith(b"\n> "):
            piece = self.peer.recv(65536)
            if not piece:
                raise SystemExit("a balancer closed the connection")
            answer += piece
        return answer

    def is_zero(self):
        self.peer.sendall(self.question)
        shares = [line.split()[2] for line in self.read().decode().splitlines()
                  if line.startswith("0x")]
        return bool(shares) and set(shares) == {"0"}

    def until_zero(self, ends):
        while not self.is_zero():
            if time.perf_counter() > ends:
                raise SystemExit("a balancer was not lowered")
            time.sleep(0.0002)
        return time.perf_counter()


class Bench:
    def __init__(self, options):
        self.options = options
        balancers = [f"{path}={maps}" for path, maps in options.balancer]
        self.ways = {
            "rollback": (options.binary, "rollback"),
            "rollback --emergency": (options.binary, "rollback", "--emergency", "--force"),
            "three socat": ("sh", "-c", RAW, "raw", *balancers),
        }

    def run(self, *words):
        return subprocess.Popen(
            words, cwd=self.options.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def forward(self):
        for words in (("--phase", "shadow"), ("--phase", "canary", "--percentage", "50")):
            if self.run(self.options.binary, "migrate", *words, "--yes").wait() != 0:
                raise SystemExit("traffic does not go forward")

    def timed(self, way):
        self.forward()
        watched = [Watched(*balancer) for balancer in self.options.balancer]
        if any(one.is_zero() for one in watched):
            raise SystemExit("a balancer was at 0 before")
        zero = [0.0] * len(watched)

        def watch(number):
            zero[number] = watched[number].until_zero(time.perf_counter() + 10)

        threads = [threading.Thread(target=watch, args=(i,)) for i in range(len(watched))]
        for thread in threads:
            thread.start()
        began = time.perf_counter()
        code = self.run(*self.ways[way]).wait()
        whole = time.perf_counter() - began
        for thread in threads:
            thread.join()
        if code != 0:
            raise SystemExit(f"{way}: exit {code}")
        if way == "three socat":  # on nobody's record: ours puts it there
            self.run(self.options.binary, "rollback").wait()
        return (max(zero) - began) * 1000, whole * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--folder", required=True, help="with hal9.yaml")
    parser.add_argument("--balancer", nargs=2, action="append", metavar=("SOCKET", "MAPS"))
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    bench = Bench(options)
    times = {way: [] for way in bench.ways}
    for number in range(options.runs + 2):
        for way in bench.ways:
            took = bench.timed(way)
            if number >= 2:  # the first two warm up
                times[way].append(took)
    raw = statistics.median(cut for cut, _ in times["three socat"])
    print("medians, ms, until all three show 0|whole process|beside three socat")
    for way, found in times.items():
        cut = statistics.median(one for one, _ in found)
        whole = statistics.median(one for _, one in found)
        print(f"{way}|{cut:.1f}|{whole:.1f}|{cut / raw:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
