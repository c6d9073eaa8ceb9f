#!/usr/bin/env python3
"""An administration interface for the tests: what a path answers is in its name. The port is its first line.

  /value/V        {"share": V}       /status/N/TEXT   status N and TEXT, but no such answer for a GET of it
  /to/PORT/PATH   a redirect         /endless         a body of 2 MiB       /slow  nothing, for a minute
  /echo           {"share": 0} for a GET; status 500 and all headers of the request for another method
Each request is a line of the file that is the first argument: METHOD PATH TOKEN BODY
"""

import http.server
import sys
import time
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        token = self.headers.get("Authorization", self.headers.get("X-Key", "-"))
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write(f"{self.command} {self.path} {token} {body or '-'}\n")
        parts = urllib.parse.unquote(self.path).split("/")
        status, text, headers = 200, "{}", {}
        if parts[1] == "value":
            text = f'{{"share": {parts[2]}}}'
        elif parts[1] == "status":
            status, text = int(parts[2]), parts[3]
        elif parts[1] == "to":
            status = 302
            headers["Location"] = f"http://127.0.0.1:{parts[2]}/{'/'.join(parts[3:])}"
        elif parts[1] == "endless":
            text = " " * (2 << 20)
        elif parts[1] == "slow":
            time.sleep(60)
        elif parts[1] == "echo":
            get = self.command == "GET"
            status, text = (200, '{"share": 0}') if get else (500, str(self.headers))
        bytes_ = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(bytes_)))
        self.end_headers()
        self.wfile.write(bytes_)

    do_GET = do_PUT = do_PATCH = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
