"""Opens a tunnel (as a websocket does) through HOST:PORT to PATH, and says where it came out and when
it was closed: `open SYSTEM`, `closed`.
"""

import socket
import sys


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    with socket.create_connection((host, int(port))) as peer:
        peer.sendall(
            f"GET {sys.argv[2]} HTTP/1.1\r\nHost: tunnel\r\nConnection: Upgrade\r\n"
            "Upgrade: tunnel\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = peer.recv(4096)
            if not piece:
                break
            head += piece
        name = next((line.split(": ")[1] for line in head.decode().split("\r\n")
                     if line.lower().startswith("x-system: ")), "nowhere")
        print("open", name, flush=True)
        while peer.recv(4096):
            pass
    print("closed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
