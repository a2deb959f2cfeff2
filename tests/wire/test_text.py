"""What is cleaned and what is kept, which names may be, and which of them look the same."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from itertools import combinations
from time import process_time

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
    names,
    with_suffix,
)
from chat_server.wire import CONTROL, is_nick, is_room
from tests.wire.first_names import FIRST_NAMES
from tests.wire.strategies import MODEST

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


letters = st.characters(categories=["L", "M", "Nd"])
candidates = st.one_of(
    st.text(st.sampled_from("abIl0Omn_-éßİıſК田한ﬁǅ\u0301\u0345"), min_size=1, max_size=8),
    st.text(letters, min_size=1, max_size=3),
    st.text(max_size=6),
)


@MODEST
@given(candidates)
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


# Names that are the same


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "aNN"), ("STRASSE", "straße"), ("Ｚｏë", "zoe\u0308"), ("ΣΟΦΟΣ", "σοφος")]
)
def test_names_that_differ_in_case_or_form_fold_into_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_folding_twice_is_folding_once() -> None:
    for point in [*range(0xD800), *range(0xE000, 0x110000)]:
        once = fold(chr(point))
        assert fold(once) == once, hex(point)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "аdmin"),
        ("Ian", "lan"),
        ("bill", "bi1l"),
        ("bill", "biII"),
        ("BILL", "BlLL"),
        ("bob", "b0b"),
        ("BOB", "ВОВ"),
        ("ann", "ａｎｎ"),
        ("ann", "𝐚𝐧𝐧"),
        ("paypal", "раураl"),
        ("scope", "ѕсоре"),
        ("peter", "реtеr"),
        ("tom", "torn"),
        ("kim", "kirn"),
        ("IVAN", "lVAN"),
        ("ismail", "ısmaıl"),
        ("omikron", "οmikrοn"),
        ("Ανα", "Aνα"),
        ("ο", "o"),
        ("Zoë", "Zoe\u0308"),
        ("ا", "l"),
        ("۱", "١"),
        ("へ", "ヘ"),
        ("工", "エ"),
        ("ann", "ann\u0332"),
        ("ann", "a\u0332n\u0332n\u0332"),
        ("ann", "ann\u0331"),
        ("ann", "an\u0336n"),
        ("ann", "a\u0338nn"),
        ("ann", "ann\u0305"),
        ("ann", "a\u20dd\u0333nn"),
        ("Zoë", "Zoë\u0332"),
        ("łukasz", "l\u0338ukasz"),
        ("lukasz", "l\u0335\u0332ukasz"),
        ("đan", "d\u0335\u0332an"),
        ("ḏan", "dan"),
        ("Łukasz", "łukasz"),
        ("BJØRN", "bjørn"),
    ],
)
def test_names_that_look_alike_have_one_look(one: str, other: str) -> None:
    assert look(one) == look(other)


def test_the_look_follows_the_table_of_unicode() -> None:
    # Lines of https://www.unicode.org/Public/security/latest/confusables.txt, source -> prototype.
    table = {
        "\u0430": "a", "\u0441": "c", "\u0435": "e", "\u03bf": "o", "\u0440": "p", "\u0443": "y", "\u0445": "x",
        "\u0456": "i", "\u0458": "j", "\u0455": "s", "\u0501": "d", "\u0261": "g", "\u0251": "a", "\u0578": "n",
        "\u057d": "u", "\u1d0f": "o", "\u0391": "A", "\u0392": "B", "\u0395": "E", "\u0397": "H",
        "\u039a": "K", "\u039c": "M", "\u039d": "N", "\u03a1": "P", "\u03a4": "T", "\u03a7": "X", "\u03a5": "Y",
        "\u0396": "Z", "\u0049": "l", "\u0031": "l", "\u0030": "O", "\u006d": "rn", "\u0661": "l", "\u0665": "o",
        "\u0647": "o", "\u05d5": "l", "\u05e1": "o", "\u13aa": "A", "\ua4e2": "S", "\u0131": "i", "\u026a": "i",
    }  # fmt: skip
    for source, prototype in table.items():
        assert look(source) == look(prototype), (source, prototype)


@MODEST
@given(st.text(st.sampled_from("amino"), min_size=1, max_size=8), st.data())
def test_a_letter_put_for_one_like_it_changes_no_look(name: str, data: st.DataObject) -> None:
    alike = {"a": "aаａɑ", "m": ["m", "rn", "ｍ"], "i": "iіıｉ", "n": "nոｎ", "o": "oоοｏ"}
    other = "".join(data.draw(st.sampled_from(list(alike[letter]))) for letter in name)
    assert look(other) == look(name)


@MODEST
@given(candidates)
def test_a_look_does_not_depend_on_the_form_a_name_came_in(name: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert look(unicodedata.normalize(form, name)) == look(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "anna"),
        ("bob", "rob"),
        ("tim", "tom"),
        ("kim", "kin"),
        ("ann", "ánn"),
        ("tom", "ton"),
        ("ann_", "ann"),
        ("ann-1", "ann_1"),
        ("max", "mac"),
        ("田中", "田申"),
        ("Ελένη", "Ελένα"),
        ("Zoë", "Zoe"),
        ("Łukasz", "Lukasz"),
        ("Đặng", "Dặng"),
        ("Bjørn", "Bjorn"),
        ("Ħal", "Hal"),
        ("Jānis", "Janis"),
        ("Ṣọlá", "Solá"),
    ],
)
def test_names_that_differ_plainly_have_two_looks(one: str, other: str) -> None:
    assert look(one) != look(other)
    assert fold(one) != fold(other)


def test_people_with_common_names_do_not_take_each_others() -> None:
    assert len(FIRST_NAMES) == len({fold(name) for name in FIRST_NAMES}) >= 300
    for form in (str, str.lower, str.upper):
        looks: dict[str, str] = {}
        for name in map(form, FIRST_NAMES):
            assert looks.setdefault(look(name), name) == name
            assert check_nick(name) == name


def test_no_two_letters_of_one_alphabet_are_one_but_those_that_unicode_names() -> None:
    defensible = {frozenset(pair) for pair in ("Il", "I1", "l1", "O0", "o0", "oO", "i1")}
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for one, other in combinations(alphabet, 2):
        if look(one) == look(other) and one.casefold() != other.casefold():
            assert frozenset((one, other)) in defensible | {frozenset("L1"), frozenset("LI")}, (one, other)


@pytest.mark.parametrize("text", ["x" * 3500, "x\u0301" * 1166, "x-y" * 1166, "漢x" * 875], ids=ascii)
def test_a_text_made_of_a_name_takes_no_time(text: str) -> None:
    """/unread looks through a thousand texts: with these it kept the whole server busy for ten seconds."""
    started = process_time()
    for _ in range(300):
        names(text, "x")
    # 0.1 s here; it was 1 to 3 s.
    assert process_time() - started < 0.7
