"""Waiting for a socket, a wake-up or the time, whichever is first."""

from __future__ import annotations

import selectors
import socket


class Watch:
    """What one thread waits for.

    1. wake() may be called from any thread, also after the end.
    2. Everything else is for the thread that waits.
    """

    def __init__(self) -> None:
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ)

    def wake(self) -> None:
        """Ends the wait, or the next one."""
        try:
            self._waker.send(b"!")
        except OSError:
            pass  # full: it will wake anyway; closed: there is nobody to wake

    def on(self, sock: socket.socket, ready_for: int) -> None:
        """Waits for this socket too, to be ready for EVENT_READ, EVENT_WRITE or both."""
        try:
            self._selector.modify(sock, ready_for)
        except KeyError:
            self._selector.register(sock, ready_for)

    def wait(self, seconds: float) -> int:
        """What a socket is ready for; 0 if the time is over or somebody woke us."""
        ready = 0
        for key, mask in self._selector.select(max(0.0, seconds)):
            if key.fileobj is self._woken:
                self._woken.recv(4096)
            else:
                ready = mask
        return ready

    def hang_up(self, sock: socket.socket) -> None:
        """Closes a socket, whether it was waited for or not."""
        try:
            self._selector.unregister(sock)
        except (KeyError, ValueError):
            pass
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sock.close()

    def close(self) -> None:
        """Nothing is waited for any more."""
        self._selector.close()
        self._waker.close()
        self._woken.close()
