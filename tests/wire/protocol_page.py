"""The parts of PROTOCOL.md that the code writes. `python -m tests.wire.protocol_page` puts them into the page.

Each stands between `<!-- NAME: generated -->` and `<!-- end NAME -->`.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import chat_server
from chat_server.config import Limits
from chat_server.text import NICK_CELLS, ROOM_CELLS
from chat_server.wire import (
    BYES,
    COMMANDS,
    ENTRY_KINDS,
    ERRORS,
    LINE_BYTES,
    SERVER_LINE_BYTES,
    TEXT_BYTES,
    error_text,
    server_lines,
)

PAGE = Path(chat_server.__file__).with_name("PROTOCOL.md")
AGAIN = "PROTOCOL.md is not what the code says; run: python -m tests.wire.protocol_page"

EXAMPLES = {
    "name": "nikc",
    "guess": " did you mean /nick?",
    "syntax": "/nick NAME",
    "limit": 4096,
    "size": 5000,
    "why": "A nick begins with a letter, not with '1'",
    "nick": "ann",
    "like": "",
    "free": "ann2",
    "room": "#games",
    "id": 1041,
    "until": " until 17:00",
    "seconds": 3,
    "epoch": "8Kd2",
}
"""One value for every name that the sentence of an error may ask for; a new name belongs in here."""

_EXAMPLES_OF_A_CODE: dict[str, dict[str, object]] = {
    "bad-args": {"name": "msg", "syntax": "/msg TARGET TEXT"},
    "text-too-long": {"size": 3712, "limit": TEXT_BYTES},
    "bad-room": {"why": "A room is a # and a name: /join #games"},
    "not-allowed": {"why": "You are in 50 rooms already; /part one first"},
}


def generated() -> dict[str, str]:
    """Name -> the lines that belong between its markers."""
    return {
        "commands": _table(
            ("you type", "what it does"), [(f"`{spec.usage}`", spec.help) for spec in COMMANDS.values()]
        ),
        "errors": _table(
            ("code", "for example"),
            [(_code(code), error_example(code)) for code in ERRORS],
        ),
        "byes": _table(
            ("code", "come back by yourself?"),
            [(_code(code), _coming_back(code, back)) for code, back in BYES.items()],
        ),
        "limits": _limits(),
    }


def page_with(parts: dict[str, str], page: str) -> str:
    """The page with its generated parts put in. ValueError if it lacks the markers of one."""
    for name, part in parts.items():
        shape = re.compile(rf"(<!-- {name}: generated -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if not shape.search(page):
            raise ValueError(f"PROTOCOL.md has no place for {name}")
        page = shape.sub(lambda found, part=part: f"{found[1]}{part}\n{found[2]}", page)  # type: ignore[misc]
    return page


def error_example(code: str) -> str:
    """The sentence of an error, with values that could be."""
    return error_text(code, **{**EXAMPLES, **_EXAMPLES_OF_A_CODE.get(code, {})})


def words_sent() -> set[str]:
    """The words of SERVER_WORDS that this version's server makes lines of."""
    made = {word for word, kind in server_lines._WORDS.items() if f"{kind.__name__}()" in _spoken()}
    return made | {kind for kind in ENTRY_KINDS if f"say({kind})" in _spoken()}


@cache
def _spoken() -> frozenset[str]:
    """What the server's code names: strings, "name()" for what is called, "say(KIND)" for what is said.

    The tables themselves are left out: a code that only they name is one that nobody sends yet.
    """
    found: set[str] = set()
    folder = PAGE.parent
    names = ("codes.py", "commands.py", "entry.py", "fields.py", "server_lines.py", "__init__.py")
    tables = {folder / "wire" / name for name in names}
    for path in set(folder.rglob("*.py")) - tables:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found.add(f"{node.func.id}()")
                found |= _saying(node.func.id, node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found |= _saying(node.func.attr, node)
    return frozenset(found)


def _saying(name: str, call: ast.Call) -> set[str]:
    """ "say(msg)" for a call of say or _say with "msg" among what it is given."""
    given = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    return {f"{name.lstrip('_')}({value})" for value in given if isinstance(value, str)}


def _code(code: str) -> str:
    return f"`{code}`" if code in _spoken() else f"`{code}` (reserved)"


def _coming_back(code: str, back: bool) -> str:
    if code == "full":
        return "no; try again minutes later"
    return "yes, after a random delay" if back else "no"


def _limits() -> str:
    limits = Limits()
    return _table(
        ("what", "limit"),
        [
            ("a line you send", f"{LINE_BYTES} bytes before its LF"),
            ("a text", f"{TEXT_BYTES} bytes"),
            ("a line you get", f"up to {SERVER_LINE_BYTES} bytes; be ready for that"),
            ("a nick", f"{NICK_CELLS} terminal cells (田 takes two)"),
            ("a room", f"{ROOM_CELLS} terminal cells, the # included"),
            (
                "history on joining",
                f"the last {limits.backlog} entries, as far as they fit into {limits.backlog_bytes // 1024} KiB",
            ),
            (
                "rooms in a list",
                f"{limits.rooms_shown}, the fullest first; a `note` says how many more there are",
            ),
            ("rooms for one person", f"{limits.rooms_per_person} at a time"),
            (
                "talking",
                f"{limits.burst_lines} lines at once, then {limits.lines_per_second:g} a second; faster is first"
                f" delayed, after {limits.delay_seconds:g} s refused (`slow-down`), after"
                f" {limits.flood_seconds:g} s ended (`bye flood`)",
            ),
            (
                "asking (`/who`, `/ping`, `/join` …)",
                f"{limits.burst_asks} at once, then {limits.asks_per_second:g} a second",
            ),
            (
                "not reading",
                f"{limits.outbox_bytes // 1024} KiB unsent, or {limits.behind_bytes // 1024} KiB for"
                f" {limits.behind_seconds:g} s, ends it (`bye slow-reader`)",
            ),
            (
                "connections from one address",
                f"{limits.clients_per_address} (an IPv6 /64 is one address; the server's own machine has no limit)",
            ),
        ],
    )


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [head, ("---", "---"), *rows]
    return "\n".join(f"| {left} | {right} |" for left, right in lines)


if __name__ == "__main__":
    PAGE.write_text(page_with(generated(), PAGE.read_text("utf-8")), "utf-8")
