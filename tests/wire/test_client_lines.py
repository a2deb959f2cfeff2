"""What clients may send is read without surprise, and every refusal has its code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.text import clean
from chat_server.wire import (
    COMMANDS,
    CONTROL,
    ERRORS,
    LINE_BYTES,
    TEXT_BYTES,
    Chat,
    ClientLine,
    Command,
    Refused,
    format_client,
    parse_client,
)
from tests.wire.strategies import MODEST, chats, client_lines, commands, mutated, noise


def refusal(line: str) -> Refused:
    with pytest.raises(Refused) as caught:
        parse_client(line)
    return caught.value


def taken_or_refused(line: str) -> ClientLine | Refused | None:
    try:
        return parse_client(line)
    except Refused as refused:
        return refused


@MODEST
@given(st.one_of(noise, noise.map("/".__add__), mutated(client_lines.map(format_client))))
def test_only_refused_leaves_the_parser(line: str) -> None:
    for typed in (line, clean(line)):
        answer = taken_or_refused(typed)
        if isinstance(answer, Refused):
            assert answer.code in ERRORS
            assert answer.text.strip()
        else:
            assert answer is None or isinstance(answer, Chat | Command)


@pytest.mark.parametrize("line", ["\ud800", "x\ud800", "/me x\udfff", "/id a \ud800", "/\ud800"])
def test_even_a_lone_surrogate_breaks_nothing(line: str) -> None:
    taken_or_refused(line)


@MODEST
@given(mutated(client_lines.map(format_client)).map(clean))
def test_what_the_parser_takes_can_be_written_again(line: str) -> None:
    parsed = taken_or_refused(line)
    if parsed is None:
        assert line == ""
    elif not isinstance(parsed, Refused):
        assert parse_client(format_client(parsed)) == parsed


@MODEST
@given(chats)
def test_chat_comes_back_as_it_was_sent(chat: Chat) -> None:
    assert parse_client(format_client(chat)) == chat


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_comes_back_as_it_was_sent(name: str) -> None:
    @MODEST
    @given(commands(name))
    def check(command: Command) -> None:
        assert parse_client(format_client(command)) == command

    check()


any_lines = st.one_of(
    st.builds(Chat, noise, st.none() | noise),
    st.builds(
        Command,
        st.sampled_from(sorted(COMMANDS)) | noise,
        st.lists(st.none() | noise, max_size=4).map(tuple),
        st.none() | noise,
    ),
)


@MODEST
@given(any_lines)
def test_the_formatter_writes_what_reads_back_or_refuses(line: ClientLine) -> None:
    try:
        typed = format_client(line)
    except ValueError:
        return
    assert parse_client(typed) == line
    assert not CONTROL.search(typed)
    assert len(typed.encode()) <= LINE_BYTES


@pytest.mark.parametrize(
    "line",
    [
        Chat(""),
        Chat("  "),
        Chat("two\nlines"),
        Chat("a\x1b[2Jb"),
        Chat("x" * (TEXT_BYTES + 1)),
        Chat("hello", "two words"),
        Chat("hello", ""),
        Chat("hello", "-"),
        Command("nikc", ("ann", None)),
        Command("nick", ()),
        Command("nick", (None, None)),
        Command("nick", ("ann",)),
        Command("nick", ("two words", None)),
        Command("nick", ("ann", "two words")),
        Command("who", ("1ann",)),
        Command("join", ("games",)),
        Command("history", (None, "#games", "3")),
        Command("time", ("now",)),
        Command("msg", ("an:n", "hi")),
        Command("msg", ("@ann", " hi ")),
        Command("msg", ("@ann", "hi\n/quit")),
        Command("msg", ("@" + "x" * LINE_BYTES, "hi")),
        Command("NICK", ("ann", None)),
    ],
)
def test_the_formatter_refuses_what_would_be_read_otherwise(line: ClientLine) -> None:
    with pytest.raises(ValueError, match=r"."):
        format_client(line)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("", None),
        ("hello", Chat("hello")),
        (" /quit", Chat(" /quit")),
        ("//shrug", Chat("/shrug")),
        ("//", Chat("/")),
        ("///", Chat("//")),
        ("//id a b", Chat("/id a b")),
        ("/id 7f3c-18 hello", Chat("hello", "7f3c-18")),
        ("/ID a //x", Chat("/x", "a")),
        ("/id a /msg #lobby are you there?", Command("msg", ("#lobby", "are you there?"), "a")),
        ("/nick ann", Command("nick", ("ann", None))),
        ("/nick ann secret", Command("nick", ("ann", "secret"))),
        ("/NICK   ann  ", Command("nick", ("ann", None))),
        ("/who", Command("who", (None,))),
        ("/who #lobby", Command("who", ("#lobby",))),
        ("/time", Command("time")),
        ("/quit", Command("quit", (None,))),
        ("/quit good  night", Command("quit", ("good  night",))),
        ("/msg @ann ^4: /quit", Command("msg", ("@ann", "^4: /quit"))),
        ("/me waves", Command("me", ("waves",))),
        ("/msg ann hi", Command("msg", ("ann", "hi"))),
        ("/who ann", Command("who", ("ann",))),
        ("/JOIN   games ", Command("join", ("#games",))),
        ("/part games", Command("part", ("#games",))),
        ("/here 42", Command("here", ("#42",))),
        ("/history 3", Command("history", ("3", None, None))),
        ("/history 3 #ops", Command("history", ("3", "#ops", None))),
        ("/history #ops 3", Command("history", ("3", "#ops", None))),
        ("/history ops 3", Command("history", ("3", "ops", None))),
        ("/history #ops 50 1042", Command("history", ("50", "#ops", "1042"))),
        ("/history 50 1042 #ops", Command("history", ("50", "#ops", "1042"))),
        ("/history #ops 1042", Command("history", (None, "#ops", "1042"))),
        ("/history #ops ^3", Command("history", (None, "#ops", "^3"))),
        ("/history ^3 #ops", Command("history", (None, "#ops", "^3"))),
        ("/history ^1042 50", Command("history", ("50", None, "^1042"))),
        ("/read", Command("read", (None, None))),
        ("/read 7", Command("read", (None, "7"))),
        ("/read 7 @ann", Command("read", ("@ann", "7"))),
        ("/unread ann", Command("unread", ("ann", None))),
        ("/unread 7 #ops", Command("unread", ("#ops", "7"))),
    ],
)
def test_lines_are_read_as_the_page_says(typed: str, line: ClientLine | None) -> None:
    assert parse_client(typed) == line


@pytest.mark.parametrize(
    ("typed", "code", "label"),
    [
        ("/nikc x", "unknown-command", None),
        ("/", "unknown-command", None),
        ("/ hello", "unknown-command", None),
        ("/id a /nikc x", "unknown-command", "a"),
        ("/nick", "bad-args", None),
        ("/nick two words more", "bad-args", None),
        ("/who 1ann", "bad-args", None),
        ("/history #ops #dev", "bad-args", None),
        ("/history 1 2 3", "bad-args", None),
        ("/history #ops 3 4 5", "bad-args", None),
        ("/read #ops @ann", "bad-args", None),
        ("/time now", "bad-args", None),
        ("/id a /msg ann", "bad-args", "a"),
        ("/msg #lobby", "bad-args", None),
        ("   ", "empty", None),
        ("\u3000", "empty", None),
        ("\u200b", "empty", None),
        ("\u200d\ufe0f", "empty", None),
        ("\u2424 \u2424", "empty", None),
        ("\u2800", "empty", None),
        ("/id a ", "empty", "a"),
        ("/id a", "empty", "a"),
        ("/me \u3000", "empty", None),
        ("x" * (TEXT_BYTES + 1), "text-too-long", None),
        ("/id a " + "é" * TEXT_BYTES, "text-too-long", "a"),
        ("/msg #lobby " + "x" * (TEXT_BYTES + 1), "text-too-long", None),
        ("/id", "bad-label", None),
        ("/id - hello", "bad-label", None),
        ("/id a!b hello", "bad-label", None),
        ("/id " + "a" * 65 + " hello", "bad-label", None),
        ("/id a /id b hello", "bad-label", None),
    ],
)
def test_each_refusal_has_its_code_and_keeps_the_label(typed: str, code: str, label: str | None) -> None:
    refused = refusal(typed)
    assert (refused.code, refused.label) == (code, label)


def test_a_text_may_have_exactly_the_limit() -> None:
    text = "é" * (TEXT_BYTES // 2)
    assert parse_client(text) == Chat(text)


def test_a_mistyped_command_is_answered_with_the_one_meant() -> None:
    assert refusal("/nikc ann").text == "/nikc is not a command; did you mean /nick? /help lists them all"
    assert "did you mean" not in refusal("/xyzzy").text


def test_wrong_arguments_are_answered_with_the_syntax() -> None:
    assert refusal("/msg ann").text == "/msg is used like this: /msg TARGET TEXT"


@pytest.mark.parametrize("typed", ["/join", "/join a b", "/join @ann", "/join ##a", "/join #a b"])
def test_what_could_be_no_room_is_answered_with_the_syntax_alone(typed: str) -> None:
    assert refusal(typed).text == "/join is used like this: /join ROOM"


def test_an_endless_command_word_is_not_said_back_in_full() -> None:
    assert len(refusal("/" + "x" * 4000).text) < 120


@pytest.mark.parametrize(
    "text",
    [
        "x",
        ".",
        "田",
        "🙂",
        "❤\ufe0f",
        "ا",
        "\u0301",
        "1\u20e3",
        "\u2424x",
        "🏴\U000e0067\U000e007f",
        "￼",
        "\u00a0-",
    ],
)
def test_what_can_be_seen_is_no_empty_text(text: str) -> None:
    assert parse_client(text) == Chat(text)
