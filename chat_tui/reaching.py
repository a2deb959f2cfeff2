"""Finding a server's addresses, and saying in words why it cannot be reached."""

from __future__ import annotations

import errno
import socket
import ssl
from contextlib import suppress
from typing import Final


class Unreachable(Exception):
    """No connection came about; str() is a sentence for the user."""


_IDLE_OPTIONS: Final = (
    # Linux, then macOS's other name for the first. The app pings by itself; this is for the time in between.
    ("TCP_KEEPIDLE", 60),
    ("TCP_KEEPALIVE", 60),
    ("TCP_KEEPINTVL", 15),
    ("TCP_KEEPCNT", 4),
    ("TCP_NODELAY", 1),
)


def keep_alive(sock: socket.socket) -> None:
    """Lets the kernel notice a dead peer, and send small lines at once."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _IDLE_OPTIONS:
        option = getattr(socket, name, None)
        if option is not None:
            with suppress(OSError):  # not every system that names it takes it
                sock.setsockopt(socket.IPPROTO_TCP, option, value)


def resolve(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
    """The (family, address) pairs of a host, best first. Waits for the resolver; raises Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        # UnicodeError: a name that cannot be one ("a..b"), from the IDNA codec.
        raise Unreachable(reason_of(error, host, port)) from error
    return [(family, address) for family, _, _, _, address in found]


def reason_of(error: Exception, host: str, port: int) -> str:
    """Why host:port cannot be reached, or why the connection broke: one sentence."""
    place = f"{host}:{port}"
    if isinstance(error, UnicodeError):
        return f"{host} is no name of a computer"
    if isinstance(error, socket.gaierror):
        if error.errno in (socket.EAI_AGAIN,):
            return f"The name {host} cannot be looked up now: is this computer online?"
        return f"No computer is called {host}"
    match error:
        case ssl.SSLError():
            return f"{place} could not agree on an encrypted connection ({error.reason or 'no reason given'})"
        case ConnectionRefusedError():
            return "Nothing listens there"
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return "The connection was cut"
        case TimeoutError():
            return f"{place} does not answer"
        case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH | errno.ENETDOWN | errno.EHOSTDOWN):
            return f"There is no way to {host} from here: is this computer online?"
        case OSError(errno=int() as code):
            return f"No connection to {place}: {errno.errorcode.get(code, code)}"
    return f"No connection to {place}"
