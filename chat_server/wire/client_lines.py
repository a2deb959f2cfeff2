"""What a client sends: chat or a command, perhaps with a label in front."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from chat_server.wire.codes import error_text
from chat_server.wire.commands import COMMANDS
from chat_server.wire.grammar import CONTROL, LINE_BYTES, TEXT_BYTES, is_blank, is_label


@dataclass(frozen=True, slots=True)
class Chat:
    """Plain text for the current room. `text` is as it will be shown: of "//shrug" only "/shrug"."""

    text: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A known command whose arguments fit its syntax, one value for each parameter."""

    name: str
    arguments: tuple[str | None, ...] = ()
    label: str | None = None


ClientLine = Chat | Command


class Refused(Exception):
    """A line that is not taken: nothing was done. The only error that leaves `parse_client`.

    `code` is one of `wire.ERRORS`; `text` its sentence for a person; `label` the line's own, if it had one.
    """

    def __init__(self, code: str, label: str | None = None, **values: object) -> None:
        self.code = code
        self.label = label
        self.text = error_text(code, **values)
        super().__init__(f"{code}: {self.text}")


def parse_client(line: str) -> ClientLine | None:
    """Reads one cleaned line of a client; None for an empty line, which asks for nothing (RFC 1459, 2.3).

    Raises Refused with unknown-command, bad-args, bad-label, empty or text-too-long.
    """
    label: str | None = None
    word, _, rest = line.partition(" ")
    if word.lower() == "/id":
        label, _, line = rest.lstrip(" ").partition(" ")
        if not is_label(label) or line.lower().startswith("/id "):
            raise Refused("bad-label")
    elif not line:
        return None
    if line.startswith("/") and not line.startswith("//"):
        return _parse_command(line, label)
    text = line.removeprefix("/")
    check_text(text, label)
    return Chat(text, label)


def check_text(text: str, label: str | None = None) -> None:
    """Raises Refused with empty or text-too-long for a cleaned text that cannot be sent."""
    if is_blank(text):
        raise Refused("empty", label)
    # surrogatepass: cleaned text has no lone surrogate, but no text at all may break the parser.
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > TEXT_BYTES:
        raise Refused("text-too-long", label, size=size, limit=TEXT_BYTES)


def _parse_command(line: str, label: str | None) -> Command:
    typed, _, rest = line[1:].partition(" ")
    name = typed.lower()
    spec = COMMANDS.get(name)
    if spec is None:
        close = get_close_matches(name[:32], COMMANDS, n=1, cutoff=0.6)
        guess = f" did you mean /{close[0]}?" if close else ""
        raise Refused("unknown-command", label, name=typed[:32], guess=guess)
    arguments = spec.split(rest)
    if arguments is None:
        raise Refused("bad-args", label, name=name, syntax=spec.usage)
    for parameter, value in zip(spec.parameters, arguments, strict=True):
        if value is not None and parameter.takes_rest:
            check_text(value, label)
    return Command(name, arguments, label)


def format_client(line: ClientLine) -> str:
    """The line as it is typed, without its LF. ValueError for one that no parser would take back."""
    if isinstance(line, Chat):
        body = "/" + line.text if line.text.startswith("/") else line.text
    else:
        body = " ".join(["/" + line.name, *(value for value in line.arguments if value is not None)])
    typed = f"/id {line.label} {body}" if line.label is not None else body
    if CONTROL.search(typed) or len(typed.encode()) > LINE_BYTES:
        raise ValueError("a client's line holds no control character and at most LINE_BYTES")
    try:
        same = parse_client(typed) == line
    except Refused as refused:
        raise ValueError(f"not a line of {line!r}: {refused}") from refused
    if not same:
        raise ValueError(f"{line!r} would be read as another line")
    return typed
