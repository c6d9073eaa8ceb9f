#!/usr/bin/env python3
"""A stats socket that behaves badly: what a HAProxy says when it is stopped, overloaded, or not one.

  --unix PATH or --tcp PORT (0 takes a free one); prints `ready` and the port once it listens.
  --bad hole    accepts and never answers
        slow    answers each write right, 1.5 s late
        liar    answers `set map` as if it were done, and keeps the old values
        shape   answers every question in a wrong shape
        flood   answers with 17 MiB that never end in a prompt
        none    as it should
It keeps four maps and one server a backend, and knows the commands that hal9-migrate sends. Ends on
SIGTERM.
"""

import argparse
import os
import signal
import socket
import sys
import threading
import time

SERVERS = "1\n# be_name srv_name srv_op_state srv_admin_state\n{0} s1 2 {1}\n"
STAT = "# pxname,svname,qcur,scur,stot,lbtot,\n{0},s1,0,0,9,9,\n{0},BACKEND,0,0,9,9,\n"


class Process:
    """What it holds in memory."""

    def __init__(self, bad, routes):
        self.bad = bad
        self.lock = threading.Lock()
        self.maps = {
            "share.map": {route: "5000" for route in routes},
            "mirror.map": {route: "0" for route in routes},
            "kill.map": {"all": "0"},
            "feature.map": {},
        }
        self.maint = {}

    def answer(self, command):
        words = command.split()
        if command == "prompt" or not words:
            return ""
        if self.bad == "shape":
            return "<html><body>502 Bad Gateway</body></html>\n"
        with self.lock:
            return self.answer_to(words)

    def answer_to(self, words):
        start = " ".join(words[:2])
        if start == "show map":
            entries = self.maps.get(os.path.basename(words[2]))
            if entries is None:
                return "Unknown map identifier. Please use #<id> or <file>.\n"
            return "".join(f"0x1 {key} {value}\n" for key, value in entries.items())
        if start in ("set map", "add map"):
            if self.bad != "liar":
                self.maps[os.path.basename(words[2])][words[3]] = words[4]
            return ""
        if start == "show servers":
            return SERVERS.format(words[3], self.maint.get(words[3], 0))
        if start == "set server":
            if self.bad != "liar":
                self.maint[words[2].split("/")[0]] = int(words[4] == "maint")
            return ""
        if start == "show stat":
            return STAT.format(words[2])
        if start == "show info":
            return f"Name: HAProxy\nPid: {os.getpid()}\nStart_time_sec: 1\n"
        if start == "show table":
            return "No such table\n"
        return ""


def talk(peer, process):
    waiting = b""
    try:
        while piece := peer.recv(65536):
            if process.bad == "hole":
                continue
            if process.bad == "flood":
                for _ in range(17):
                    peer.sendall(b"x" * (1 << 20))
                continue
            if process.bad == "slow":
                time.sleep(1.5)
            *lines, waiting = (waiting + piece).split(b"\n")
            out = "".join(process.answer(line.decode()) + "\n> " for line in lines)
            peer.sendall(out.encode())
    except OSError:
        pass
    finally:
        peer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unix")
    parser.add_argument("--tcp", type=int)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--routes", default="us-west-2.substrate")
    parser.add_argument(
        "--bad", choices=["hole", "slow", "liar", "shape", "flood", "none"], required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if options.unix:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(options.unix)
    else:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((options.host, options.tcp or 0))
    listener.listen(64)
    port = "" if options.unix else listener.getsockname()[1]
    print("ready", port, flush=True)
    process = Process(options.bad, options.routes.split(","))
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=talk, args=(peer, process), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
