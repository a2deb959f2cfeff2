"""What holds for every test, in whatever process it runs."""

from __future__ import annotations

import gc
import os
import socket
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest


def pytest_sessionstart(session: pytest.Session) -> None:
    """Lets a worker of xdist ask at once.

    pytest-rerunfailures asks the controller about each test, in two small pieces over a TCP socket: the second waits
    for the kernel's delayed acknowledgement, 40 ms for each test, two minutes in all.
    """
    asking = getattr(getattr(session.config, "failures_db", None), "sock", None)
    if asking is not None and hasattr(session.config, "workerinput"):
        asking.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Garbage is looked for less often than Python does, and not among three thousand tests, which stay: an app
    that is started and drawn makes much, and a third of the time of the tests of the app went there."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(5_000, 20, 20)
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where Python is to leave no compiled files behind, the hundreds of servers and apps that tests start need not
    compile everything anew for that: they share a folder that is thrown away."""
    if not sys.dont_write_bytecode or "PYTHONPYCACHEPREFIX" in os.environ:
        yield
        return
    folder: Path = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPYCACHEPREFIX", str(folder / "compiled"))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield
