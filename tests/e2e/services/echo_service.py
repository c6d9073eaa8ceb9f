#!/usr/bin/env python3
"""A small real HTTP service that stands for one system (flat or hierarchical).

It answers every path with JSON that names the system and what reached it, and counts requests.
  GET /health  200, for the balancer's check; not counted
  GET /counts  what has arrived so far; not counted
With `Upgrade: tunnel` the connection becomes a tunnel (as a websocket does): it gives back what it is
sent until one side hangs up.
Prints `ready PORT` once it listens (--port 0 takes a free one). Ends on SIGTERM.
"""

import argparse
import json
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Counts:
    def __init__(self):
        self.lock = threading.Lock()
        self.requests = 0
        self.mirrored = 0
        self.in_flight = 0
        self.by_route = {}
        self.last_arrival = None

    def arrive(self, route, mirrored):
        with self.lock:
            self.in_flight += 1
            self.last_arrival = time.time()
            if mirrored:
                self.mirrored += 1
                return
            self.requests += 1
            self.by_route[route] = self.by_route.get(route, 0) + 1

    def leave(self):
        with self.lock:
            self.in_flight -= 1

    def view(self, name):
        with self.lock:
            return {
                "system": name,
                "requests": self.requests,
                "mirrored": self.mirrored,
                "in_flight": self.in_flight,
                "last_arrival": self.last_arrival,
                "by_route": dict(self.by_route),
            }


def make_handler(name, delay, counts):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True
        timeout = 60

        def answer(self, body):
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-System", name)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def serve(self):
            length = int(self.headers.get("Content-Length") or 0)
            received = len(self.rfile.read(length)) if length else 0
            if self.path == "/health":
                self.answer({"system": name, "healthy": True})
            elif self.path == "/counts":
                self.answer(counts.view(name))
            elif self.headers.get("Upgrade") == "tunnel":
                self.tunnel()
            else:
                self.serve_counted(received)

        def tunnel(self):
            parts = self.path.split("/")
            counts.arrive(".".join(parts[1:3]), False)
            try:
                self.send_response(101)
                self.send_header("Upgrade", "tunnel")
                self.send_header("Connection", "Upgrade")
                self.send_header("X-System", name)
                self.end_headers()
                self.wfile.flush()
                self.close_connection = True
                self.connection.settimeout(None)
                while piece := self.connection.recv(4096):
                    self.connection.sendall(piece)
            finally:
                counts.leave()

        def serve_counted(self, received):
            parts = self.path.split("?")[0].split("/")
            route = ".".join(parts[1:3])
            counts.arrive(route, self.headers.get("X-HAL9-Shadow") is not None)
            try:
                if delay:
                    time.sleep(delay)
                self.answer({
                    "system": name,
                    "method": self.command,
                    "route": route,
                    "user": self.headers.get("X-User"),
                    "features": self.headers.get("X-HAL9-Features"),
                    "received": received,
                })
            finally:
                counts.leave()

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = serve

        def log_message(self, *_):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        # A peer that hangs up in the middle is what an emergency does to it.
        if not isinstance(sys.exc_info()[1], (ConnectionError, socket.timeout)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--name", choices=["flat", "hierarchical"], required=True)
    parser.add_argument("--delay-ms", type=float, default=0)
    options = parser.parse_args()
    handler = make_handler(options.name, options.delay_ms / 1000, Counts())
    server = Server(("127.0.0.1", options.port), handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"ready {server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
