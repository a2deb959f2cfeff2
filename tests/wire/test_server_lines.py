"""What the server sends is read back as it was, whoever wrote what into it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.wire import (
    CONTROL,
    ENTRY_KINDS,
    LINE_BYTES,
    SERVER_LINE_BYTES,
    SERVER_WORDS,
    TEXT_BYTES,
    Away,
    BadLine,
    Begin,
    Bye,
    End,
    Entry,
    Err,
    Gap,
    Here,
    Join,
    LineSplitter,
    Nick,
    Note,
    Ok,
    Part,
    People,
    Pong,
    RoomLine,
    ServerLine,
    Time,
    Unknown,
    Unread,
    Welcome,
    Who,
    WhoName,
    encode,
    format_server,
    format_time,
    parse_server,
    parse_time,
)
from tests.wire.strategies import (
    MODEST,
    entries,
    lines_of,
    mutated,
    noise,
    plain_words,
    server_lines,
    texts,
)

AT = 1795366387
STAMP = "2026-11-22T16:53:07Z"


@MODEST
@given(st.one_of(noise, noise.map(f"{STAMP} ".__add__), mutated(server_lines.map(format_server))))
def test_only_bad_line_leaves_the_parser(line: str) -> None:
    try:
        parse_server(line)
    except BadLine:
        pass


@pytest.mark.parametrize("word", SERVER_WORDS)
def test_every_word_with_anything_behind_it_is_read_or_a_bad_line(word: str) -> None:
    rests = lines_of(word).map(lambda line: format_server(line).partition(f" {word}")[2].lstrip(" "))

    @MODEST
    @given(st.one_of(noise, mutated(rests)))
    def check(rest: str) -> None:
        try:
            parsed = parse_server(f"{STAMP} {word} {rest}")
        except BadLine:
            return
        # What was taken can be written, and says the same then.
        assert parse_server(format_server(parsed)) == parsed

    check()


@pytest.mark.parametrize("word", SERVER_WORDS)
def test_every_word_comes_back_as_it_was_sent(word: str) -> None:
    @MODEST
    @given(lines_of(word))
    def check(line: ServerLine) -> None:
        typed = format_server(line)
        assert parse_server(typed) == line
        assert not CONTROL.search(typed)
        assert typed.splitlines() == [typed]
        assert LineSplitter(10**6).feed(encode(line)) == [typed]

    check()


EXAMPLES: list[tuple[ServerLine, str]] = [
    (Entry(AT, "msg", 1041, "#lobby", "ann", "hello"), "msg 1041 #lobby ann: hello"),
    (Entry(AT, "msg", 1042, "@ann", "bob", "hi ann", 1041), "msg 1042 @ann bob ^1041: hi ann"),
    (Entry(AT, "act", 7, "#lobby", "ann", "waves"), "act 7 #lobby ann: waves"),
    (Entry(AT, "topic", 8, "#lobby", "ann", ""), "topic 8 #lobby ann:"),
    (Entry(AT, "edit", 9, "#lobby", "ann", "helo", 7), "edit 9 #lobby ann ^7: helo"),
    (Entry(AT, "delete", 10, "#lobby", "ann", "", 7), "delete 10 #lobby ann ^7:"),
    (Entry(AT, "react", 11, "#lobby", "田中", "👍", 7), "react 11 #lobby 田中 ^7: 👍"),
    (Entry(AT, "unreact", 12, "#lobby", "田中", "👍", 7), "unreact 12 #lobby 田中 ^7: 👍"),
    (Join(AT, "#lobby", "ann"), "join #lobby ann"),
    (Part(AT, "#lobby", "ann"), "part #lobby ann"),
    (Part(AT, "#lobby", "ann", "good night"), "part #lobby ann good night"),
    (Nick(AT, "guest-7", "ann"), "nick guest-7 ann"),
    (Away(AT, "ann"), "away ann"),
    (Away(AT, "ann", "at lunch"), "away ann at lunch"),
    (People(AT, "#lobby", 1204), "people #lobby 1204"),
    (Welcome(AT, "den", (("epoch", "8Kd2"), ("last", "0"))), "welcome chat/1 den epoch=8Kd2 last=0"),
    (Ok(AT, "7f3c-18"), "ok 7f3c-18"),
    (Ok(AT, "7f3c-18", 1044), "ok 7f3c-18 1044"),
    (Err(AT, "empty", None, "Say something"), "err empty - Say something"),
    (Err(AT, "empty", "a", "Say something"), "err empty a Say something"),
    (Begin(AT, "history", ("#lobby",)), "begin history #lobby"),
    (End(AT, "rooms"), "end rooms"),
    (
        Who(AT, "#lobby", (WhoName("ann", False, True), WhoName("bob", True, True, True))),
        "who #lobby +ann @+~bob",
    ),
    (Who(AT, "#lobby", ()), "who #lobby"),
    (RoomLine(AT, "#lobby", 3, None), "room #lobby 3 -"),
    (RoomLine(AT, "#lobby", 3, AT, "All of us"), f"room #lobby 3 {STAMP} All of us"),
    (Gap(AT, 1, 40), "gap 1 40"),
    (Unread(AT, "@bob", 3, 1, 1041), "unread @bob 3 1 1041"),
    (Here(AT, "#lobby"), "here #lobby"),
    (Time(AT, "Sunday 16:53"), "time Sunday 16:53"),
    (Pong(AT), "pong"),
    (Pong(AT, "42"), "pong 42"),
    (Note(AT, "You are guest-7"), "note You are guest-7"),
    (Bye(AT, "quit"), "bye quit"),
    (Bye(AT, "shutdown", "Back soon"), "bye shutdown Back soon"),
]


@pytest.mark.parametrize(("line", "body"), EXAMPLES)
def test_lines_look_as_the_page_says(line: ServerLine, body: str) -> None:
    assert format_server(line) == f"{STAMP} {body}"
    assert parse_server(f"{STAMP} {body}") == line


def test_every_word_is_shown_by_an_example() -> None:
    assert {body.split(" ")[0] for _, body in EXAMPLES} == set(SERVER_WORDS)


@MODEST
@given(entries("msg"), st.sampled_from(sorted(ENTRY_KINDS)), texts)
def test_a_text_that_looks_like_a_line_forges_none(entry: Entry, kind: str, text: str) -> None:
    forged = format_server(Entry(entry.at, "msg", entry.id, entry.target, "mallory", text, entry.ref))
    for tried in (
        forged,
        forged.split(" ", 1)[1],
        f"^{entry.id}: {text}",
        f"admin: {text}",
        f"{kind} 1 {text}",
    ):
        sent = Entry(AT, "msg", 5, "#lobby", "mallory", tried)
        assert parse_server(format_server(sent)) == sent
        told = Part(AT, "#lobby", "mallory", tried)
        assert parse_server(format_server(told)) == told


@pytest.mark.parametrize(
    "control", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\ud800"]
)
def test_no_control_character_gets_into_a_line_or_out_of_one(control: str) -> None:
    bad = f"a{control}b"
    lines: list[ServerLine] = [
        Entry(AT, "msg", 1, "#lobby", "ann", bad),
        Entry(AT, "msg", 1, "#lobby", bad, "x"),
        Entry(AT, "msg", 1, f"#{bad}", "ann", "x"),
        Part(AT, "#lobby", "ann", bad),
        Err(AT, "empty", None, bad),
        Err(AT, bad, None, "x"),
        Begin(AT, "history", (bad,)),
        Welcome(AT, bad),
        Welcome(AT, "den", (("k", bad),)),
        Who(AT, "#lobby", (WhoName(bad),)),
        Note(AT, bad),
        Bye(AT, "quit", bad),
        Pong(AT, bad),
        Unknown(AT, "future", bad),
    ]
    for line in lines:
        with pytest.raises(ValueError, match=r".*"):
            encode(line)
    with pytest.raises(BadLine):
        parse_server(f"{STAMP} note {bad}")


@pytest.mark.parametrize(
    "line",
    [
        Entry(AT, "msg", 0, "#lobby", "ann", "x"),
        Entry(AT, "msg", 10**18, "#lobby", "ann", "x"),
        Entry(AT, "msg", 1, "lobby", "ann", "x"),
        Entry(AT, "msg", 1, "#lobby", "two words", "x"),
        Entry(AT, "msg", 1, "#lobby", "ann:", "x"),
        Entry(AT, "msg", 1, "#lobby", "^4", "x"),
        Entry(AT, "msg", 1, "#lobby", "ann", ""),
        Entry(AT, "msg", 1, "#lobby", "ann", "  "),
        Entry(AT, "msg", 1, "#lobby", "ann", "\u200d\u2424"),
        Entry(AT, "act", 1, "#lobby", "ann", "waves", 4),
        Entry(AT, "topic", 1, "@ann", "ann", "x"),
        Entry(AT, "edit", 2, "#lobby", "ann", "x"),
        Entry(AT, "delete", 2, "#lobby", "ann", "x", 1),
        Entry(AT, "join", 2, "#lobby", "ann", "x"),  # type: ignore[arg-type]
        Entry(-1, "msg", 1, "#lobby", "ann", "x"),
        Join(253_402_300_800, "#lobby", "ann"),
        Join(10**30, "#lobby", "ann"),
        Join(AT, "#lobby", ""),
        Ok(AT, "-", 5),
        Ok(AT, "a", 0),
        Err(AT, "empty", "-", "x"),
        Err(AT, "empty", None, ""),
        Welcome(AT, "two words"),
        Welcome(AT, "den", (("Key", "x"),)),
        Welcome(AT, "den", (("key", "two words"),)),
        Begin(AT, "history", ("two words",)),
        Begin(AT, "history", ("",)),
        Who(AT, "#lobby", (WhoName("@ann"),)),
        People(AT, "#lobby", -1),
        Part(AT, "#lobby", "ann", "  "),
        Unknown(AT, "msg", "5 #lobby admin: x"),
        Unknown(AT, "bye", "kicked"),
        Unknown(AT, "Two words", ""),
    ],
)
def test_the_formatter_refuses_what_would_be_read_otherwise(line: ServerLine) -> None:
    with pytest.raises(ValueError, match=r".*"):
        format_server(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        " ",
        STAMP,
        f"{STAMP} ",
        f"{STAMP} Msg 1 #lobby ann: x",
        "msg 1 #lobby ann: x",
        f" {STAMP} msg 1 #lobby ann: x",
        "2026-11-22 16:53:07 msg 1 #lobby ann: x",
        "2026-02-30T16:53:07Z msg 1 #lobby ann: x",
        "2026-11-22T25:53:07Z msg 1 #lobby ann: x",
        "1969-12-31T23:59:59Z msg 1 #lobby ann: x",
        "２026-11-22T16:53:07Z msg 1 #lobby ann: x",
        f"{STAMP} msg 01 #lobby ann: x",
        f"{STAMP} msg ١ #lobby ann: x",
        f"{STAMP} msg 1 #lobby ann x",
        f"{STAMP} msg 1 #lobby ann ^x: x",
        f"{STAMP} msg 1 #lobby ann:",
        f"{STAMP} msg 1 #lobby ann: ",
        f"{STAMP} msg 1  #lobby ann: x",
        f"{STAMP} act 1 #lobby ann ^4: x",
        f"{STAMP} edit 2 #lobby ann: x",
        f"{STAMP} join #lobby",
        f"{STAMP} join #lobby ann bob",
        f"{STAMP} err empty",
        f"{STAMP} err empty - ",
        f"{STAMP} who #lobby  ann",
        f"{STAMP} room #lobby 3",
        f"{STAMP} gap 1",
    ],
)
def test_what_is_not_of_the_grammar_is_a_bad_line(line: str) -> None:
    with pytest.raises(BadLine):
        parse_server(line)


@MODEST
@given(plain_words.filter(lambda word: word not in SERVER_WORDS), texts)
def test_a_word_of_a_later_version_is_kept_for_whoever_ignores_it(word: str, rest: str) -> None:
    assert parse_server(f"{STAMP} {word} {rest}") == Unknown(AT, word, rest)
    assert format_server(Unknown(AT, word, rest)) == f"{STAMP} {word} {rest}"


def test_a_key_of_a_later_version_is_kept_and_what_is_no_pair_is_passed_over() -> None:
    welcome = parse_server(f"{STAMP} welcome chat/1 den epoch=8Kd2 new-key=a=b ??? Key=x last=")
    assert isinstance(welcome, Welcome)
    assert welcome.pairs == (("epoch", "8Kd2"), ("new-key", "a=b"), ("last", ""))
    assert welcome.get("new-key") == "a=b"
    assert welcome.get("tls", "no") == "no"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("part #lobby ann ", Part(AT, "#lobby", "ann")),
        ("part #lobby ann   ", Part(AT, "#lobby", "ann")),
        ("part #lobby ann \u3000\u200d", Part(AT, "#lobby", "ann")),
        ("begin history  #lobby ", Begin(AT, "history", ("#lobby",))),
        ("ok a ", Ok(AT, "a")),
        ("future ", Unknown(AT, "future", "")),
    ],
)
def test_blanks_where_something_may_stand_are_nothing(body: str, line: ServerLine) -> None:
    assert parse_server(f"{STAMP} {body}") == line
    assert parse_server(format_server(line)) == line


def test_marks_stand_before_a_nick_in_any_order() -> None:
    assert WhoName.parse("~+@ann") == WhoName("ann", True, True, True)
    assert str(WhoName("ann", True, True, True)) == "@+~ann"


@MODEST
@given(st.integers(0, 253_402_300_799))
def test_times_come_back_to_the_second(at: int) -> None:
    assert parse_time(format_time(at)) == at


def test_the_longest_message_fits_a_line_of_the_server() -> None:
    nick, room = "田" * 10, "#" + "田" * 14
    line = encode(Entry(AT, "edit", 10**18 - 1, room, nick, "x" * TEXT_BYTES, 10**18 - 2))
    assert len(line) < LINE_BYTES < SERVER_LINE_BYTES
