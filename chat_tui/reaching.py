"""Finding a server's addresses, and saying in words why it cannot be reached."""

from __future__ import annotations

import errno
import socket
import ssl
from contextlib import suppress
from typing import Final

from chat_server.wire import LINE_BREAK
from chat_tui.kept import is_loopback


class Unreachable(Exception):
    """No connection came about; str() is a sentence for the user, `advice` says more to one who was never there."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.advice = advice


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
        raise Unreachable(reason_of(error, host, port), advice_on(error, host, port)) from error
    return [(family, address) for family, _, _, _, address in found]


def reason_of(error: Exception, host: str, port: int) -> str:
    """Why host:port cannot be reached, or why the connection broke: one sentence."""
    place = join_host(host, port)
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


def join_host(host: str, port: int | str) -> str:
    """HOST:PORT, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def advice_on(error: Exception, host: str, port: int) -> str:
    """Why host:port cannot be reached, and what may be checked by somebody who was never there, some lines of wire text;
    "" if there is no more to say than the reason."""
    reason = reason_of(error, host, port)
    match error:
        case socket.gaierror(errno=socket.EAI_AGAIN):
            check = "An address in numbers needs no look-up: chat-tui 192.168.1.7"
        case UnicodeError() | socket.gaierror():
            check = "Is it written right? An address in numbers does, too: chat-tui 192.168.1.7"
        case ConnectionRefusedError():
            # In the status line the place stands beside it already.
            reason = f"No server listens at {join_host(host, port)}"
            is_here = host == "localhost" or is_loopback(host)
            check = (
                f"Start one: chat-tui --host{LINE_BREAK}Join another: chat-tui HOST"
                if is_here
                else f"{host} is there. Does its server run, and at another port? chat-tui {join_host(host, 'PORT')}"
            )
        case TimeoutError():
            check = f"Is {host} switched on, and is that its address? A firewall on the way may be shut for port {port}."
        case _:
            return ""
    return f"{reason}{LINE_BREAK}{check}"


def own_address() -> str:
    """The address that others reach this machine by, "localhost" if there is no network; nothing is sent to find it
    out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"
