"""Limits as the person who starts the server sets and sees them: --limit NAME=VALUE, and chat-server limits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

import chat_server
from chat_server.adjustments import BadLimit, adjust, list_adjustables, render_limits
from chat_server.config import Limits
from tests.server.inside import inside
from tests.servers import Server


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`chat-server` that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "chat_server", *options],
        capture_output=True,
        text=True,
        timeout=30,
        env={**{name: value for name, value in os.environ.items() if name != "COLUMNS"}, **environment},
        check=False,
    )


def why_not(*settings: str) -> str:
    with pytest.raises(BadLimit) as caught:
        adjust(Limits(), settings)
    return str(caught.value)


# One by one


def test_every_limit_has_a_why_a_range_and_a_default_within_it() -> None:
    adjustables = list_adjustables()
    assert list(adjustables) == [field.name for field in fields(Limits)]
    for name, one in adjustables.items():
        default = getattr(Limits(), name)
        assert len(one.why) > 20, name
        assert type(default) is one.kind
        assert one.range.least <= default <= one.range.most, name


def test_every_limit_is_one_that_the_server_keeps_to() -> None:
    folder = Path(chat_server.__file__).parent
    code = "".join(path.read_text("utf-8") for path in folder.rglob("*.py") if path.name != "config.py")
    assert [field.name for field in fields(Limits) if f"imits.{field.name}" not in code] == []


@pytest.mark.parametrize("name", list_adjustables())
def test_every_limit_can_be_set_and_no_other_changes(name: str) -> None:
    one = list_adjustables()[name]
    default = getattr(Limits(), name)
    if one.range.least == one.range.most:
        assert why_not(f"{name}={default + 1}") == f"{name} is {default} in chat/1 and cannot be set"
        return
    # Enough above or below to be another, not so much that it no longer goes with the others.
    other = one.kind(default - 1 if default > 20 else default + 1)
    adjusted = adjust(Limits(), [f"{name}={other}"])
    assert asdict(adjusted) == {**asdict(Limits()), name: other}
    assert type(getattr(adjusted, name)) is one.kind
    assert adjust(Limits(), [f"{name}={default}"]) == Limits()


def test_nothing_set_changes_nothing() -> None:
    limits = replace(Limits(), behind_bytes=10**9)
    assert adjust(limits, []) == limits


@pytest.mark.parametrize("setting", ["rooms-per-person=7", "ROOMS_PER_PERSON=7", " rooms_per_person = 7 "])
def test_hyphens_capitals_and_spaces_make_no_difference(setting: str) -> None:
    assert adjust(Limits(), [setting]).rooms_per_person == 7


def test_the_last_of_one_name_counts() -> None:
    assert adjust(Limits(), ["page=7", "rooms=3", "page=10_000"]) == replace(Limits(), page=10_000, rooms=3)


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("pages=3", "no limit is called 'pages'; did you mean page?"),
        ("lines=3", "no limit is called 'lines'; did you mean lines_per_second or burst_lines?"),
        ("keepalive=3", "keepalive_seconds or keepalive_pause_seconds or keepalive_times"),
        ("zzz=3", "no limit is called 'zzz'; chat-server limits lists them all"),
        ("=3", "no limit is called ''; chat-server limits lists them all"),
        ("", "no limit is called ''; chat-server limits lists them all"),
        ("page", "page needs a value: page=500"),
        ("page=", "page is a whole number, not ''"),
        ("page=many", "page is a whole number, not 'many'"),
        ("page=1.5", "page is a whole number, not '1.5'"),
        ("lines_per_second=fast", "lines_per_second is a number, not 'fast'"),
        ("page=0", "page is from 1 to 1000000000, not 0"),
        ("page=-1", "page is from 1 to 1000000000, not -1"),
        ("clients=-1", "clients is from 0 to 1000000000, not -1"),
        ("hello_seconds=nan", "hello_seconds is from 0.001 to 31536000, not nan"),
        ("hello_seconds=inf", "hello_seconds is from 0.001 to 31536000, not inf"),
        ("page=" + "9" * 5000, "page is"),
    ],
)
def test_what_cannot_be_set_is_told_why(setting: str, why: str) -> None:
    assert why in why_not(setting)


def test_limits_that_would_not_go_together_are_refused_in_words() -> None:
    assert why_not("behind_bytes=300000") == "outbox_bytes (262144) is at least behind_bytes (300000)"
    assert (
        why_not("backlog_bytes=100000") == "outbox_bytes (262144) is at least 4 times backlog_bytes (100000)"
    )
    assert adjust(Limits(), ["backlog_bytes=100000", "outbox_bytes=400000"]).backlog_bytes == 100_000


# The table


def test_the_table_has_a_line_for_each_limit_when_no_terminal_reads_it() -> None:
    head, *lines = render_limits(replace(Limits(), page=3), None).splitlines()
    assert head.split() == ["limit", "value", "why"]
    assert [line.split()[0] for line in lines] == [field.name for field in fields(Limits)]
    (page,) = [line for line in lines if line.startswith("page ")]
    assert page.split()[1] == "3"
    assert page.endswith("some 50 KiB, sent while live lines wait behind it.")


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_the_table_is_as_wide_as_the_terminal(columns: int) -> None:
    lines = render_limits(Limits(), columns).splitlines()
    assert max(map(len, lines)) <= columns
    assert " ".join(" ".join(lines).split()) == " ".join(render_limits(Limits(), None).split())


def test_a_narrow_terminal_still_gets_words() -> None:
    assert "Entries" in render_limits(Limits(), 10)


def test_what_the_table_shows_can_be_typed_again() -> None:
    rows = [line.split()[:2] for line in render_limits(Limits(), None).splitlines()[1:]]
    assert adjust(Limits(), ["=".join(row) for row in rows]) == Limits()


# The command


def test_the_command_lists_what_it_would_start_with() -> None:
    done = run("--max-clients", "5", "--rate", "2.5", "--limit", "page=7", "limits", TALKLINE_NAME="den")
    values = dict(line.split()[:2] for line in done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, "")
    assert (values["clients"], values["lines_per_second"], values["page"]) == ("5", "2.5", "7")


def test_a_pipe_gets_a_line_for_each_limit_or_words_wrapped_to_the_columns_that_are_set() -> None:
    whole, wrapped = run("limits").stdout, run("limits", COLUMNS="80").stdout
    assert len(whole.splitlines()) == 1 + len(fields(Limits))
    assert max(map(len, wrapped.splitlines())) <= 80
    assert wrapped.split() == whole.split()


def test_limit_wins_over_the_short_options() -> None:
    done = run("--limit", "clients=6", "--max-clients", "5", "limits")
    assert "\nclients                          6 " in done.stdout


def test_the_environment_sets_several_limits_at_once() -> None:
    values = dict(
        line.split()[:2] for line in run("limits", TALKLINE_LIMIT="page=7 rooms=4").stdout.splitlines()
    )
    assert (values["page"], values["rooms"]) == ("7", "4")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--limit", "pages=3"), "Error: no limit is called 'pages'; did you mean page?"),
        (("--limit", "page=x"), "Error: page is a whole number, not 'x'"),
        (("--rate", "nan"), "Error: lines_per_second is from 0 to 1000000000, not nan"),
    ],
)
def test_a_wrong_limit_starts_nothing_and_says_why(options: tuple[str, ...], why: str) -> None:
    done = run(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == why


def test_a_server_keeps_to_the_limits_it_was_started_with(start_server: Callable[..., Server]) -> None:
    server = start_server("--rate", "0", "--limit", "history=2", "--limit", "rooms_per_person=1")
    ann = server.connect("ann")
    for text in ("one", "two", "three"):
        ann.send(text)
    ann.send("/history")
    ann.expect("begin history")
    assert [ann.line().partition(": ")[2], ann.line().partition(": ")[2]] == ["two", "three"]
    ann.expect("end history")
    ann.send("/join #games")
    assert "1 room" in ann.expect("err .*")[0]


@pytest.mark.parametrize(
    ("end", "but"),
    # What these may be together: see test_limits_that_would_not_go_together_are_refused_in_words.
    [("least", ("outbox_bytes=4096", "unsent_bytes=4096")), ("most", ("backlog_bytes=1000000000",))],
)
def test_a_server_whose_limits_are_all_at_an_end_of_their_range_still_serves(
    end: str, but: tuple[str, ...], tmp_path: Path
) -> None:
    ends = [f"{name}={getattr(one.range, end)}" for name, one in list_adjustables().items()]
    with inside(tmp_path, adjust(Limits(), [*ends, *but])) as server:
        ann = server.connect("ann")
        asks = ("hello", "/who", "/rooms", "/search hello", "/history", "/since 0", "/react 1 👍")
        for number, line in enumerate(asks):
            ann.send(f"/id a{number} {line}")
            ann.expect(rf"ok a{number}")
        ann.send("/quit")
        assert ann.rest()[-1].startswith("bye quit")
