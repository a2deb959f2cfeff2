"""Who may import whom: proved by reading every file, and by importing the core in a fresh interpreter."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = sorted((ROOT / "chat_tui").rglob("*.py"))
SERVER = sorted((ROOT / "chat_server").rglob("*.py"))
CORE = [
    ROOT / "chat_tui" / "client.py",
    ROOT / "chat_tui" / "dialing.py",
    ROOT / "chat_tui" / "events.py",
    ROOT / "chat_tui" / "kept.py",
    ROOT / "chat_tui" / "pace.py",
    ROOT / "chat_tui" / "reaching.py",
    ROOT / "chat_tui" / "tls.py",
    ROOT / "chat_tui" / "watch.py",
    *sorted((ROOT / "chat_tui" / "model").rglob("*.py")),
]

SHARED = ("chat_server.wire", "chat_server.text", "chat_server.emoji")
"""All that the app may know of the server."""


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of every import in a file, also of those inside functions; "a.b.c" for "from a.b import c"."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*up, *(node.module.split(".") if node.module else [])])
            yield from ((node.lineno, f"{module}.{name.name}") for name in node.names)


def is_in(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


def breaches(files: list[Path], *forbidden: str, but: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in files
        for line, module in imports_of(path)
        if is_in(module, *forbidden) and not is_in(module, *but)
    ]


def modules_after(statement: str) -> set[str]:
    """What a fresh interpreter has imported after a statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_the_rules_look_at_files_that_are_there() -> None:
    assert len(APP) > 10 and len(SERVER) > 10 and all(path.is_file() for path in CORE)


def test_the_app_knows_of_the_server_only_the_wire_and_the_text() -> None:
    assert breaches(APP, "chat_server", but=(*SHARED, "chat_server.__version__")) == []


def test_the_server_knows_nothing_of_the_app() -> None:
    assert breaches(SERVER, "chat_tui", "textual") == []


def test_the_core_of_the_app_knows_nothing_of_its_screen() -> None:
    inside = ("client", "dialing", "events", "kept", "model", "pace", "reaching", "tls", "watch")
    assert breaches(CORE, "textual") == []
    assert breaches(CORE, "chat_tui", but=tuple(f"chat_tui.{name}" for name in inside)) == []


def test_the_model_knows_nothing_of_sockets_and_threads() -> None:
    model = [path for path in CORE if path.parent.name == "model"]
    threads = ("chat_tui.client", "chat_tui.dialing", "chat_tui.watch")
    assert breaches(model, "socket", "selectors", "threading", "asyncio", *threads) == []


@pytest.mark.parametrize("module", ["chat_tui.client", "chat_tui.model"])
def test_importing_the_core_brings_neither_the_screen_nor_the_server(module: str) -> None:
    there = modules_after(f"import {module}")
    assert not [name for name in there if is_in(name, "textual", "asyncio", "click")]
    servers = {name for name in there if is_in(name, "chat_server")}
    assert {name for name in servers if not is_in(name, "chat_server.wire")} <= {
        "chat_server",
        "chat_server.text",
        "chat_server.emoji",
    }


def test_importing_the_app_brings_no_more_of_the_server() -> None:
    servers = {name for name in modules_after("import chat_tui.app") if is_in(name, "chat_server")}
    assert {name for name in servers if not is_in(name, "chat_server.wire")} <= {
        "chat_server",
        "chat_server.text",
        "chat_server.emoji",
    }


def test_importing_the_server_brings_nothing_of_the_app() -> None:
    statement = "import chat_server.__main__, chat_server.server"
    assert not [name for name in modules_after(statement) if is_in(name, "chat_tui", "textual")]


def test_a_breach_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "chat_tui" / "widgets"
    package.mkdir(parents=True)
    file = package / "bad.py"
    file.write_text(
        "def late():\n    from chat_server import hub\nimport chat_server.config as c\n"
        "from chat_server.wire import Chat\nfrom ..model import core\nfrom . import rows\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert {module for _, module in imports_of(file)} == {
        "chat_server.hub",
        "chat_server.config",
        "chat_server.wire.Chat",
        "chat_tui.model.core",
        "chat_tui.widgets.rows",
    }
    found = {breach.partition(" ")[2] for breach in breaches([file], "chat_server", but=SHARED)}
    assert found == {"imports chat_server.hub", "imports chat_server.config"}
