"""PROTOCOL.md says what the code does: tables, words and the client on the page come from one source or are compared."""

from __future__ import annotations

import ast
import re

import pytest

from chat_server.text import clean
from chat_server.wire import BYES, COMMANDS, ERRORS, SERVER_WORDS, Unknown, parse_server
from tests.server.transcripts import Transcript, transcripts
from tests.wire.protocol_page import AGAIN, PAGE, generated, page_with, words_sent

TEXT = PAGE.read_text("utf-8")
TRANSCRIPTS = transcripts(PAGE)
LINES = [line for one in TRANSCRIPTS for line in one.lines if re.match(r"\d{4}-", line)]
CLIENT = re.search(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_generated_parts_are_what_the_code_says() -> None:
    assert page_with(generated(), TEXT) == TEXT, AGAIN


@pytest.mark.parametrize("word", SERVER_WORDS)
def test_every_word_of_the_server_has_its_line_in_a_table(word: str) -> None:
    assert re.search(rf"^\| TIME `{word}` .* \| .+ \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("name", [*(f"/{name}" for name in COMMANDS), *ERRORS, *BYES])
def test_every_command_and_code_is_on_the_page(name: str) -> None:
    assert re.search(rf"^\| `{name}[` ]", TEXT, re.MULTILINE)


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_an_example_is_of_the_grammar(line: str) -> None:
    parsed = parse_server(line)
    assert not isinstance(parsed, Unknown)


def test_every_word_that_is_sent_has_an_example_but_the_rare_ones() -> None:
    # A transcript cannot fill a room with 200 people, nor let history grow old.
    assert {line.split(" ")[1] for line in LINES} >= words_sent() - {"people", "gap"}


def test_every_word_is_sent_and_no_other_has_an_example() -> None:
    assert set(SERVER_WORDS) == words_sent() >= {line.split(" ")[1] for line in LINES}


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=str)
def test_an_example_types_only_commands_that_exist(transcript: Transcript) -> None:
    for line in transcript.lines:
        typed = re.match(r"\w*> (?:/id \S+ )?/(\w+)", line)
        assert typed is None or typed[1] in COMMANDS or line.endswith("/nikc x")


def test_the_client_on_the_page_is_short_and_knows_what_is_unsafe() -> None:
    assert CLIENT is not None
    assert len([line for line in CLIENT[1].splitlines() if line]) <= 25
    pattern = re.search(r'^UNSAFE = re.compile\((r".*")\)$', CLIENT[1], re.MULTILINE)
    assert pattern is not None
    unsafe = re.compile(ast.literal_eval(pattern[1]))
    # Not the tags: outside of a flag they are only useless.
    for point in [*range(0xD800), *range(0xE000, 0xE0000), *range(0xE0080, 0x110000)]:
        assert bool(unsafe.match(chr(point))) == (clean(chr(point)) != chr(point)), hex(point)
