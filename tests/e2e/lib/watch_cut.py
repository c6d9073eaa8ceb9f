"""Runs a command, looks at HAProxy's kill switch meanwhile, and writes down after how many
milliseconds it was on (`never` if it was not). Its exit code is the command's.

The command is started by Python and not by a shell's `&`, which would have it ignore Ctrl-C;
--interrupt-after SECONDS presses that.
"""

import argparse
import pathlib
import signal
import socket
import subprocess
import sys
import time


def halted(path, kill_map):
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(2)
            one.connect(path)
            one.sendall(f"get map {kill_map} all\n".encode())
            answer = b""
            while piece := one.recv(4096):
                answer += piece
    except OSError:
        return False
    return b'value="1"' in answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--kill", required=True, help="path of the kill map")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--time", type=pathlib.Path, required=True)
    parser.add_argument("--interrupt-after", type=float)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    interrupt = options.interrupt_after

    cut = None
    with options.output.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            options.command, cwd=options.folder, stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
        while True:
            if cut is None and halted(options.socket, options.kill):
                cut = (time.monotonic() - began) * 1000
            code = process.poll()
            if code is not None:
                break
            if interrupt is not None and time.monotonic() - began >= interrupt:
                process.send_signal(signal.SIGINT)
                interrupt = None
            time.sleep(0.001)
    if cut is None and halted(options.socket, options.kill):
        cut = (time.monotonic() - began) * 1000
    options.time.write_text(f"{cut:.1f}\n" if cut is not None else "never\n", encoding="utf-8")
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
