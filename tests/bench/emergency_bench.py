"""The emergency as a whole process beside the same done by socat and sqlite3, interleaved.

Prints a line for the table of tools/bench and what strace counts in each. Between two runs the
traffic is brought forward again; that is not timed. Medians, since machines are noisy.
"""

import argparse
import pathlib
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import time

SYNCS = ("fsync", "fdatasync")


class Bench:
    def __init__(self, options):
        self.options = options
        self.database = options.folder / "raw.db"
        raw = pathlib.Path(__file__).with_name("raw_emergency.sh")
        self.ours = (options.binary, "rollback", "--emergency", "--force")
        self.raw = ("sh", str(raw), options.socket, options.maps, str(self.database))
        with sqlite3.connect(self.database) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE event (sequence INTEGER PRIMARY KEY, line TEXT) STRICT")
        database.close()

    def run(self, *words, **more):
        return subprocess.run(
            words, cwd=self.options.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=True, **more)

    def forward(self):
        """Half of the traffic at hierarchical, in HAProxy and on the record."""
        for words in (("--phase", "shadow"), ("--phase", "canary", "--percentage", "50")):
            self.run(self.options.binary, "migrate", *words, "--yes")

    def timed(self, words):
        self.forward()
        began = time.perf_counter()
        self.run(*words)
        took = time.perf_counter() - began
        self.must_be_cut(words)
        # What the raw program cut is on nobody's record: ours puts it there.
        if words is self.raw:
            self.run(*self.ours)
        return took

    def must_be_cut(self, words):
        """Who is quick because nothing was done is not measured."""
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(self.options.socket)
            maps = self.options.maps
            one.sendall(f"show map {maps}/share.map;get map {maps}/kill.map all\n".encode())
            answer = b""
            while piece := one.recv(65536):
                answer += piece
        shares = [line.split()[2] for line in answer.decode().splitlines()
                  if line.startswith("0x")]
        if not shares or set(shares) != {"0"} or b'value="1"' not in answer:
            raise SystemExit(f"{words[0]} did not cut:\n{answer.decode()}")

    def counts(self, words):
        """Connections to HAProxy and syncs of one run."""
        self.forward()
        trace = self.options.folder / "trace"
        self.run("strace", "-f", "-o", str(trace), "-e", "trace=connect,execve," + ",".join(SYNCS),
                 *words)
        text = trace.read_text(encoding="utf-8", errors="replace")
        if words is self.raw:
            self.run(*self.ours)
        path = re.escape(f'"{self.options.socket}"')
        return {
            "connections": len(re.findall(rf"connect\(.*{path}.*= 0", text)),
            "syncs": len(re.findall(rf"\b(?:{'|'.join(SYNCS)})\(", text)),
            "programs": len(re.findall(r"execve\(.*= 0", text)),
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="with hal9.yaml")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--maps", required=True)
    parser.add_argument("--runs", type=int, default=40)
    options = parser.parse_args()
    bench = Bench(options)
    times = {bench.ours: [], bench.raw: []}
    for number in range(options.runs + 2):
        order = (bench.ours, bench.raw) if number % 2 else (bench.raw, bench.ours)
        for words in order:
            took = bench.timed(words)
            if number >= 2:  # the first two warm up
                times[words].append(took * 1000)
    ours, raw = (statistics.median(times[words]) for words in (bench.ours, bench.raw))
    ratio = ours / raw
    print(f"emergency, whole process, ms|{ours:.1f}|{raw:.1f}|{ratio:.2f}|<= 1.00|"
          f"{'yes' if ratio <= 1.0 else 'NO'}")
    for name, words in (("ours", bench.ours), ("raw", bench.raw)):
        one = bench.counts(words)
        print(f"# emergency, {name}: {one['programs']} programs, {one['connections']} connections "
              f"to HAProxy, {one['syncs']} syncs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
