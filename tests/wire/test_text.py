"""What is cleaned and what is kept, and which names may be."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chat_server.text import (
    MARKS_IN_A_ROW,
    MARKS_KEPT,
    NICK_CELLS,
    ROOM_CELLS,
    BadName,
    check_nick,
    check_room,
    clean,
    fold,
    look,
    with_suffix,
)
from chat_server.wire import CONTROL, is_nick, is_room
from tests.wire.strategies import MODEST, SHORT_NAMES

DROPPED = {
    *range(0x09),
    *range(0x0A, 0x20),
    *range(0x7F, 0xA0),
    *range(0xD800, 0xE000),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
    *(0x200E, 0x200F, 0x061C, 0x2028, 0x2029, 0xFEFF),
}
"""Said once more, from PROTOCOL.md: C0 but tab, DEL, C1, surrogates, bidi controls, separators, FEFF, deprecated formats,
annotations, tags."""

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def why_not(name: str) -> str:
    with pytest.raises(BadName) as caught:
        check_nick(name)
    return str(caught.value)


# Cleaning


def test_cleaning_drops_exactly_what_the_page_says() -> None:
    for point in range(0x110000):
        expected = " " if point == 0x09 else "" if point in DROPPED else chr(point)
        assert clean(f"a{chr(point)}b") == f"a{expected}b", hex(point)


@MODEST
@given(st.text(st.characters(exclude_categories=[])))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not CONTROL.search(once)
    assert all(ord(char) not in DROPPED for char in once)


pieces = st.sampled_from(
    [
        *"ax é田\t\x1b\u0301\u0332\u20e3\ufe0f\u200d\u200c\u2066\u206a\ufff9\U000e0001\ud800",
        *ENGLAND,
        *(ENGLAND, ENGLAND[:-1], ENGLAND[1:], "👍🏽", "\u0301" * 7),
    ]
)


@MODEST
@given(st.lists(pieces, max_size=30).map("".join))
def test_what_is_left_has_only_whole_flags_few_marks_and_is_clean(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    without_flags = re.sub("🏴[\U000e0030-\U000e007a]{3,6}\U000e007f", "", once)
    assert all(ord(char) not in DROPPED for char in without_flags)
    marks = 0
    for char in once:
        category = unicodedata.category(char)
        marks = marks + 1 if category[0] == "M" else marks if category == "Cf" else 0
        assert marks <= MARKS_KEPT
    # Nothing else is lost, and nothing changes its place.
    kept = iter(text.replace("\t", " "))
    assert all(char in kept for char in once)
    plain = [char for char in text.replace("\t", " ") if ord(char) not in DROPPED and not is_mark(char)]
    assert [char for char in once if ord(char) not in DROPPED and not is_mark(char)] == plain


def is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧\u200d👦",
        "❤\ufe0f 1\ufe0f\u20e3 " + ENGLAND,
        "می\u200cخواهم",
        "क्\u200dष",
        "שלום، مرحبا",
        "e\u0301 ﷽ 田中 ␤ \u00a0\u3000",
        "ᠮᠣᠩᠭᠣᠯ\u180eᠠ 5\u2060\u00a0€ f\u2061(x) Zu\u00adcker",
        "ཧྐྵྨླྺྼྻྂ",
        "שְׁמַ֖ע יִשְׂרָאֵ֑ל",
        "Thương ệ ẫ ọ̀ ǖ́",
        "❤\ufe0f" * 20 + "👩🏽\u200d🚀" * 20,
    ],
)
def test_emoji_and_every_script_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


def test_an_escape_sequence_loses_its_teeth() -> None:
    assert clean("\x1b[2J\x1b]0;owned\x07hi\x9b31m") == "[2J]0;ownedhi31m"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\ufff9漢字\ufffaかんじ\ufffb", "漢字かんじ"),
        ("hi\U000e0069\U000e0067\U000e006e\U000e006f\U000e0072\U000e0065", "hi"),
        (ENGLAND[:-1] + "!", "🏴!"),
        (ENGLAND + ENGLAND[1:], ENGLAND),
        ("🏴\U000e0001" + ENGLAND[1:], "🏴"),
        ("🏴" + "\U000e0061" * 7 + "\U000e007f", "🏴"),
        ("🏴\u206e" + ENGLAND[1:], ENGLAND),
        ("1\u206e2", "12"),
    ],
)
def test_what_nobody_sees_is_dropped_but_the_flags_stay(text: str, left: str) -> None:
    assert clean(text) == left


@pytest.mark.parametrize("mark", ["\u0301", "\u0332", "\u20e3", "\ufe0f", "\u0e48", "\u0f90", "\U0001d167"])
@pytest.mark.parametrize("between", ["", "\u200d", "\u200c", "\u180e"])
def test_a_letter_keeps_eight_marks_and_loses_the_rest(mark: str, between: str) -> None:
    tower = clean("x" + (mark + between) * 1700 + "y é" + mark * 8 + "z")
    assert tower == "x" + (mark + between) * 8 + between * 1692 + "y é" + mark * 8 + "z"


def test_no_mark_escapes_the_quick_look() -> None:
    for point in range(0x110000):
        if is_mark(chr(point)):
            assert clean("x" + chr(point) * 9) == "x" + chr(point) * 8, hex(point)


# Names that may be


@pytest.mark.parametrize(
    "name",
    [
        "ann",
        "Zoë",
        "X",
        "ann_2-b",
        "Łukasz",
        "Ελένη",
        "Дмитрий",
        "田中",
        "たなかさん",
        "田中タロー",
        "田中한",
        "김철수",
        "علی",
        "شیرین۲",
        "דוד",
        "दीपिका",
        "कृष्ण",
        "ศรีสุดา",
        "Nguyễn",
        "Անի",
        "ნინო",
    ],
)
def test_names_of_every_script_are_taken_as_they_are(name: str) -> None:
    assert check_nick(name) == unicodedata.normalize("NFKC", name)
    assert check_room("#" + name) == "#" + fold(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "at least one letter"),
        ("1ann", "begins with a letter"),
        ("_ann", "begins with a letter"),
        ("-ann", "begins with a letter"),
        ("\u0301ann", "begins with a letter"),
        ("🙂", "made of letters"),
        ("ann🙂", "made of letters"),
        ("two words", "made of letters"),
        ("ann:", "made of letters"),
        ("@ann", "made of letters"),
        ("#ann", "made of letters"),
        ("ann/1", "made of letters"),
        ("ann\u200d", "U+200D"),
        ("ann\u200b", "U+200B"),
        ("ann\u00ad", "U+00AD"),
        ("ann\ufe0f", "U+FE0F"),
        ("ann\u034f", "U+034F"),
        ("ann\U000e0100", "U+E0100"),
        ("김\u3164", "U+1160"),
        ("김" + "\u1161" * 30, "U+1161"),
        ("x" + "\u0323" * 5, "at most 4 marks"),
        ("аnn", "mixes Cyrillic and Latin"),
        ("αnn", "mixes Greek and Latin"),
        ("annα", "mixes Greek and Latin"),
        ("田ann", "mixes Han and Latin"),
        ("かたα", "mixes Greek and Hiragana"),
        ("ann١", "mixes Arabic and Latin"),
    ],
)
def test_what_may_not_be_a_nick_is_told_why(name: str, why: str) -> None:
    assert why in why_not(name)


@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "Admin",
        "ADMIN",
        "ａｄｍｉｎ",
        "ADMlN",
        "Adm1n",
        "admın",
        "SERVER",
        "ＳＥＲＶＥＲ",
        "system",
        "SYSTEM",
        "guest-7",
        "Guest-x",
        "ｇｕｅｓｔ-7",
        "ɡuest-7",
        "ad\u0301min",
        "ad\u0323min",
        "ádmin",
        "ađmin",
        "s\u0335ystem",
        "sẙstem",
        "a\u0332d\u0332m\u0332i\u0332n\u0332",
        "server1",
        "Server-02",
        "server_",
        "admin_",
        "admin-_-1",
        "s3rver",
        "sy5tem",
        "adm1n_7",
        "guest",
        "Guest7",
        "guest_7",
        "gúest-7",
        "gue\u0336st-ann",
    ],
)
def test_a_name_that_speaks_for_the_server_is_reserved(name: str) -> None:
    assert "reserved" in why_not(name)


@pytest.mark.parametrize(
    "name",
    [
        "adminka",
        "badmin",
        "serverina",
        "systems",
        "guesting",
        "Gustav",
        "Augusta",
        "ann1",
        "ann_",
        "mia3",
        "Ada",
        "Sven",
    ],
)
def test_a_name_that_only_reminds_of_the_servers_own_is_taken(name: str) -> None:
    assert check_nick(name) == name


def test_the_server_itself_may_give_out_a_guests_name() -> None:
    assert check_nick("guest-7", is_guest=True) == "guest-7"
    with pytest.raises(BadName):
        check_nick("admin", is_guest=True)
    with pytest.raises(BadName):
        check_nick("gúest-7", is_guest=True)


@pytest.mark.parametrize("letter", ["x", "é", "田", "김", "ש", "द"])
def test_a_name_is_measured_in_cells_of_the_terminal(letter: str) -> None:
    fits = NICK_CELLS // cell_len(letter)
    assert check_nick(letter * fits)
    assert "20 columns" in why_not(letter * (fits + 1))
    fits = (ROOM_CELLS - 1) // cell_len(letter)
    assert check_room("#" + letter * fits)
    with pytest.raises(BadName, match="30 columns"):
        check_room("#" + letter * (fits + 1))


def test_marks_cannot_make_a_name_endless() -> None:
    tallest = ("x" + "\u0323\u0325\u0330\u0331"[:MARKS_IN_A_ROW]) * NICK_CELLS
    assert len(check_nick(tallest).encode()) < 400
    for point in range(0x110000):
        char = chr(point)
        if unicodedata.category(char)[0] != "L" or cell_len(unicodedata.normalize("NFKC", char)):
            continue
        with pytest.raises(BadName):
            check_nick(char * 100)


@pytest.mark.parametrize("nick", ["ann", "x" * NICK_CELLS, "田" * 10, "दीपिका" * 4])
def test_a_suffix_never_makes_a_nick_too_wide(nick: str) -> None:
    longer = with_suffix(nick, "12")
    assert longer.endswith("12")
    assert check_nick(longer) == longer


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("#lobby", "#lobby"),
        ("#LoBBy", "#lobby"),
        ("#1st", "#1st"),
        ("#Straße", "#strasse"),
        ("＃ｇａｍｅｓ", "#games"),
        ("#田中", "#田中"),
    ],
)
def test_a_room_is_kept_in_lower_case(name: str, room: str) -> None:
    assert check_room(name) == room


@pytest.mark.parametrize(
    "name", ["", "#", "lobby", "##a", "#-a", "#_a", "# a", "#a b", "#🙂", "#lоbby", "#a\ufe0f"]
)
def test_what_may_not_be_a_room_is_told_why(name: str) -> None:
    with pytest.raises(BadName, match=r"room|#"):
        check_room(name)


@MODEST
@given(SHORT_NAMES)
def test_a_name_once_taken_is_of_the_wire_and_stays_the_same(name: str) -> None:
    with suppress(BadName):
        nick = check_nick(name)
        assert is_nick(nick)
        assert clean(nick) == nick
        assert check_nick(nick) == nick
        assert fold(nick) == fold(name)
        assert look(nick) == look(name)
    with suppress(BadName):
        room = check_room("#" + name)
        assert is_room(room)
        assert clean(room) == room
        assert check_room(room) == room == fold(room)
