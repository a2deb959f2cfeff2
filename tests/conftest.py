"""What holds for every test, in whatever process it runs."""

from __future__ import annotations

import socket

import pytest


def pytest_sessionstart(session: pytest.Session) -> None:
    """Lets a worker of xdist ask at once.

    pytest-rerunfailures asks the controller about each test, in two small pieces over a TCP socket: the second waits
    for the kernel's delayed acknowledgement, 40 ms for each test, two minutes in all.
    """
    asking = getattr(getattr(session.config, "failures_db", None), "sock", None)
    if asking is not None and hasattr(session.config, "workerinput"):
        asking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
