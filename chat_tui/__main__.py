"""`chat-tui [HOST[:PORT]]`, also as `python -m chat_tui`."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from chat_server import __version__
from chat_server.text import BadName, check_nick

PORT = 5000


def read_address(text: str) -> tuple[str, int]:
    """ "den", "den:5001", "[::1]:5000" or "::1" as host and port. ValueError, with a sentence, for anything else."""
    found = re.fullmatch(r"\[(?P<six>[^\]]+)\](?::(?P<port>[0-9]+))?", text)
    if found is None and re.fullmatch(r"[0-9a-fA-F.]*:[0-9a-fA-F:.]*:[0-9a-fA-F.]*(%\w+)?", text):
        return text, PORT
    found = found or re.fullmatch(r"(?P<four>[^:\s]+)(?::(?P<port>[0-9]+))?", text)
    if found is None:
        raise ValueError(f"{text} is not HOST or HOST:PORT")
    port = int(found["port"] or PORT)
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port: they go from 1 to 65535")
    groups = found.groupdict()
    return groups.get("six") or groups["four"], port


def login_nick() -> str | None:
    """The name by which the user is known to the machine, if it can be a nick; None to stay a guest."""
    import getpass

    try:
        name = check_nick(getpass.getuser().lower())
    except (OSError, KeyError, ImportError, BadName):
        return None
    return name if re.fullmatch(r"[a-z][a-z0-9_-]{0,19}", name) and name != "root" else None


class _Address(click.ParamType[tuple[str, int]]):
    name = "HOST[:PORT]"

    def convert(self, value, param, ctx):  # type: ignore[no-untyped-def]
        if isinstance(value, tuple):
            return value
        try:
            return read_address(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("address", type=_Address(), default="localhost", metavar="[HOST[:PORT]]")
@click.option(
    "--nick", metavar="NAME", help="Call yourself NAME (default: as last time there, else your login name)."
)
@click.option("--theme", metavar="NAME", help="talkline-dark, talkline-light, another theme's name, or auto.")
@click.option(
    "--host",
    "is_host",
    is_flag=True,
    help="Start a server on this machine and join it; it ends with the app.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help="With --host: the port (default: 5000, or a free one)."
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="With --host: where the server keeps its messages."
)
@click.option(
    "--no-tls",
    is_flag=True,
    help="Plain lines, that anybody in between can read; names stay unproved."
    " With --host: the server takes no TLS.",
)
@click.version_option(__version__, prog_name="chat-tui")
def main(
    address: tuple[str, int],
    nick: str | None,
    theme: str | None,
    is_host: bool,
    port: int | None,
    data: Path | None,
    no_tls: bool,
) -> None:
    """Chat in the terminal. F1 in the app lists the keys, Ctrl-Q leaves.

    HOST is where the server runs (default localhost, port 5000).

    To be the same person on another device: F2, "Use my name on another device".
    """
    context = click.get_current_context()
    if is_host and context.get_parameter_source("address") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--host starts a server here, so there is no other HOST to join.")
    if not is_host and (port is not None or data is not None):
        raise click.UsageError("--port and --data go with --host.")
    # The slow imports come after the arguments are known to be good.
    from chat_tui.app import ChatApp
    from chat_tui.client import ChatClient
    from chat_tui.drafts import KeptDrafts
    from chat_tui.hosting import CannotHost, start_server
    from chat_tui.kept import Distrusted, KnownServers, LastNick, LastRoom, Secrets, place_of
    from chat_tui.settings import Settings
    from chat_tui.terminal import end_with_terminal, has_light_background, learn_alt_keys
    from chat_tui.themes import choose

    settings = Settings.load()
    try:
        chosen = choose(theme or settings.theme, has_light_background, is_strict=theme is not None)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--theme") from error
    # Textual reads the one and draws on the other.
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.ClickException(
            "chat-tui needs a terminal to draw on; without one, talk through nc HOST PORT"
        )
    hosted = None
    if is_host:
        try:
            hosted = start_server(port, data, has_tls=not no_tls)
        except CannotHost as error:
            raise click.ClickException(str(error)) from error
        address = ("127.0.0.1", hosted.port)
    learn_alt_keys()
    folder, place = settings.folder, place_of(*address)
    known = KnownServers(folder / "known_servers")
    secrets = Secrets(folder / "secrets", known, place)
    last_nick = LastNick(folder / "nicks", known, place)
    last_room = LastRoom(folder / "rooms", known, place)
    if hosted is not None and hosted.fingerprint is not None:
        # Other apps here, and this one by another address, know it by its certificate, and so the user by his name.
        with suppress(OSError, Distrusted):
            known.replace(place, hosted.fingerprint)
    app = ChatApp(
        *address,
        nick or last_nick.find() or login_nick(),
        settings=settings,
        theme=chosen,
        hosted=hosted,
        client=partial(ChatClient, tls="never" if no_tls else "auto", known=known),
        secret_of=secrets.of,
        keep_secret=secrets.keep,
        keep_nick=last_nick.keep,
        last_room=last_room.find(),
        keep_room=last_room.keep,
        drafts=KeptDrafts(folder / "drafts", known, place),
    )
    end_with_terminal(app.last_words)
    try:
        app.run()
    finally:
        app.last_words()
    sys.exit(app.return_code or 0)


if __name__ == "__main__":
    main(prog_name="chat-tui")
