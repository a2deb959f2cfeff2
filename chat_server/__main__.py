"""The command `chat-server`."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TypeVar

import click
from platformdirs import user_data_path

from chat_server import __version__
from chat_server.adjustments import BadLimit, adjust, render_limits
from chat_server.certificate import load_context
from chat_server.config import PORT, Config, Limits
from chat_server.keeping import parse_keep
from chat_server.log import CannotOpen
from chat_server.server import CannotStart, Server

T = TypeVar("T")
_DEFAULTS = Limits()


@dataclass(frozen=True, slots=True)
class Given:
    """What stood before a subcommand."""

    data: Path
    limits: Limits


def _read_keep(context: click.Context, parameter: click.Parameter, text: str) -> float | None:
    try:
        return parse_keep(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.group(
    invoke_without_command=True,
    context_settings={"auto_envvar_prefix": "TALKLINE", "help_option_names": ["-h", "--help"]},
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: all, IPv4 and IPv6]")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="0 picks a free one.",
)
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: user_data_path("talkline", appauthor=False),
    help="Folder for the messages.  [default: your data folder, talkline]",
)
@click.option(
    "--name", metavar="WORD", default="talkline", show_default=True, help="What the server calls itself."
)
@click.option(
    "--rate",
    metavar="N",
    type=click.FloatRange(0),
    default=_DEFAULTS.lines_per_second,
    show_default=True,
    help="Lines a second that one client may say for long; 0 is no limit.",
)
@click.option(
    "--max-clients",
    metavar="N",
    type=click.IntRange(0),
    default=_DEFAULTS.clients,
    show_default=True,
    help="Connections in all; 0 is no limit.",
)
@click.option(
    "--max-per-address",
    metavar="N",
    type=click.IntRange(0),
    default=_DEFAULTS.clients_per_address,
    show_default=True,
    help="Connections from one address, this machine exempt; 0 is no limit.",
)
@click.option(
    "--limit",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    envvar="TALKLINE_LIMIT",
    help="Set any limit, as often as you like; wins over the three options above. “chat-server limits” lists all.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    default="info",
    show_default=True,
    help="How much the log on stderr tells.",
)
@click.option(
    "--keep",
    metavar="TIME",
    default="forever",
    show_default=True,
    callback=_read_keep,
    help="How long messages are kept: 90d, 12h, forever.",
)
@click.option(
    "--tls/--no-tls", default=True, show_default=True, help="TLS beside plain lines on the same port."
)
@click.option(
    "--stop-with-stdin", is_flag=True, help="Stop when standard input ends (for a program that hosts)."
)
@click.version_option(__version__, prog_name="chat-server")
@click.pass_context
def main(
    context: click.Context,
    host: str | None,
    port: int,
    data: Path,
    name: str,
    rate: float,
    max_clients: int,
    max_per_address: int,
    settings: tuple[str, ...],
    log_level: str,
    keep: float | None,
    tls: bool,
    stop_with_stdin: bool,
) -> None:
    """A group chat that anyone can join with the app (chat-tui) or with nc.

    Every option can be given as an environment variable too: TALKLINE_PORT, TALKLINE_DATA, and so on;
    TALKLINE_LIMIT takes several, with spaces between them.
    """
    short = (f"lines_per_second={rate}", f"clients={max_clients}", f"clients_per_address={max_per_address}")
    try:
        limits = adjust(Limits(), (*short, *settings))
    except BadLimit as error:
        raise click.UsageError(str(error)) from None
    if context.invoked_subcommand is not None:
        context.obj = Given(data, limits)
        return
    if not name or any(char.isspace() or not char.isprintable() for char in name):
        raise click.BadParameter("one word, without spaces", param_hint="--name")
    logging.basicConfig(
        level=log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    sys.exit(serve(Config(data, host, port, name, tls, keep, limits), stop_with_stdin=stop_with_stdin))


_DATA = click.option(
    "--data",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the messages, if not the usual one.",
)


@main.command(short_help="Write all messages and names to FILE.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_DATA
@click.pass_obj
def backup(given: Given, file: Path, data: Path | None) -> None:
    """Write all messages and names to FILE, whole and consistent; the server may be running.

    An older backup in FILE is replaced when the new one is whole; any other file is left alone.
    """
    from chat_server.log import copies

    def work() -> bool:
        with _progress("backup") as progress:
            return copies.backup(data or given.data, file, progress)

    replaces = _attempt(work)
    click.echo(
        f"All messages and names are in {file}{', in place of the older backup there' if replaces else ''}"
    )


@main.command(short_help="Put the messages and names of FILE in place.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_DATA
@click.pass_obj
def restore(given: Given, file: Path, data: Path | None) -> None:
    """Put the messages and names of FILE in place; the server must be stopped."""
    from chat_server.log import copies

    def work() -> Path | None:
        with _progress("restore") as progress:
            return copies.restore(file, data or given.data, progress)

    aside = _attempt(work)
    click.echo(f"{file} is in place; apps that come back start their history afresh")
    if aside is not None:
        click.echo(f"What was there before is kept as {aside}")


@main.command(short_help="Look through all messages for damage.")
@_DATA
@click.pass_obj
def check(given: Given, data: Path | None) -> None:
    """Look through the whole message store for damage; exit code 1 if there is any."""
    from chat_server.log import copies

    faults = _attempt(lambda: copies.check(data or given.data))
    for fault in faults:
        click.echo(f"chat-server: {fault}", err=True)
    if faults:
        sys.exit(1)
    click.echo(f"The messages in {data or given.data} are whole")


@main.command("limits")
@click.pass_obj
def list_limits(given: Given) -> None:
    """List all limits: name, value, why. --limit before it shows what that makes of them.

    The whys are wrapped to the terminal. A pipe gets one line for each limit, or lines as wide as COLUMNS says.
    """
    is_wrapped = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal()
    click.echo(render_limits(given.limits, shutil.get_terminal_size().columns if is_wrapped else None))


def _attempt(work: Callable[[], T]) -> T:
    """What the work returns; one sentence and exit code 1 if it cannot be done."""
    from chat_server.log.copies import CopyFailed

    try:
        return work()
    except (CannotOpen, CopyFailed) as error:
        click.echo(f"chat-server: {error}", err=True)
        sys.exit(1)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr that takes (done, total); nothing where no terminal shows it."""
    if not sys.stderr.isatty():
        # What click would write there is the label alone.
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)

        yield show


def serve(config: Config, *, stop_with_stdin: bool = False) -> int:
    """Runs a server until it is told to stop; the exit code. A second signal ends it at once."""
    # Imported here: what only asks for --help needs no database.
    from chat_server.log.sqlite import SqliteLog
    from chat_server.memory import give_back
    from chat_server.people import People

    give_back()
    try:
        messages = SqliteLog(config.data, config.limits)
        try:
            server = Server(config, messages, People(messages, config.limits.marks_per_person), _tls(config))
            server.listen()
        except CannotStart:
            messages.close()
            raise
    except (CannotOpen, CannotStart) as error:
        click.echo(f"chat-server: {error}", err=True)
        return 1

    def on_signal(number: int, frame: FrameType | None) -> None:
        if server.stopping.is_set():
            os._exit(128 + number)
        server.ask_to_stop()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    signal.set_wakeup_fd(server.alarm.fileno(), warn_on_full_buffer=False)
    server.start()
    click.echo(banner(config, server.port))
    if stop_with_stdin:
        threading.Thread(target=_watch_stdin, args=(server,), name="stdin", daemon=True).start()
    server.wait()
    server.stop()
    return server.exit_code


def _tls(config: Config) -> ssl.SSLContext | None:
    if not config.has_tls:
        return None
    try:
        return load_context(config.data, config.name)
    except (OSError, ssl.SSLError) as error:
        raise CannotStart(f"The TLS certificate in {config.data} cannot be used: {error}") from error


def banner(config: Config, port: int) -> str:
    """The one line that says where the server is, how to join it, and where the messages are."""
    host = config.host or _own_address()
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    listens = f"port {port} of every address" if config.host is None else where
    return (
        f"Talkline “{config.name}” listens on {listens} — join: chat-tui {where}  or  nc {host} {port}"
        f" — messages: {config.data}"
    )


def _own_address() -> str:
    """The address that others reach this machine by; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"


def _watch_stdin(server: Server) -> None:
    # Not sys.stdin: the interpreter, when it ends, aborts on a buffer that a sleeping thread holds.
    while os.read(0, 4096):
        pass
    server.ask_to_stop()


if __name__ == "__main__":
    main()
