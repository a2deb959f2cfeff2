"""Every code has a sentence that helps a person, and the values it needs are known."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from chat_server.wire import BYES, ERRORS, Err, Refused, error_text, format_server, parse_server
from tests.wire.protocol_page import EXAMPLES


def asked_by(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_makes_a_line_of_the_wire(code: str) -> None:
    asked = asked_by(ERRORS[code])
    assert asked <= set(EXAMPLES)
    text = error_text(code, **{name: EXAMPLES[name] for name in asked})
    assert all(str(EXAMPLES[name]) in text for name in asked)
    line = Err(0, code, "a", text)
    assert parse_server(format_server(line)) == line
    assert "{" not in text
    assert re.match(r"\S.*\S\Z", text)


def test_a_value_is_never_read_as_a_part_of_the_sentence() -> None:
    assert (
        error_text("no-such-nick", nick="{0}{nick}")
        == "Nobody here is called {0}{nick}; /who lists the people"
    )


@pytest.mark.parametrize("code", [*ERRORS, *BYES])
def test_a_code_is_one_word_of_the_wire(code: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", code)


def test_a_code_that_is_not_in_the_table_is_our_own_fault() -> None:
    with pytest.raises(KeyError):
        error_text("nope")
    with pytest.raises(KeyError):
        Refused("nope")


def test_a_bye_says_whether_to_come_back() -> None:
    # A server that stops is back soon; one that threw somebody out does not want him at once.
    assert BYES["shutdown"]
    assert not BYES["kicked"]
    assert not BYES["full"]
    assert {type(back) for back in BYES.values()} == {bool}
