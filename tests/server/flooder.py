"""Somebody who sends as fast as he can, in a process of his own: `python -m tests.server.flooder PORT KIND`.

In the process of the test he would take its time, and not only the server's. He says "ready" and is killed.
"""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress

FLOODS = {
    "talk": b"flood flood flood\n" * 200,
    "nothing": b"\n" * 4000,
    "no end of line": b"x" * 65536,
    "bytes one by one": b"x",
    "no text": b"\xff\n" * 2000,
    "questions": b"/who\n/history 500\n/since 0\n/help\n" * 50,
    "coming and going": b"/join #a\n/part #a\n" * 100,
    "names": b"/nick flo\n/nick flood\n" * 100,
}
"""What he sends, again and again."""


def flood(port: int, data: bytes) -> None:
    """Sends for ever; who is thrown out comes back at once."""
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_read, args=(sock,), daemon=True).start()
            while True:
                sock.sendall(data)


def _read(sock: socket.socket) -> None:
    with suppress(OSError):
        while sock.recv(1 << 16):
            pass


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    flood(int(sys.argv[1]), FLOODS[sys.argv[2]])
