"""Where the rows of a message break, how wide the columns are, and which day it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from chat_tui.formatting import LINE_BREAK
from chat_tui.widgets import wrapping
from chat_tui.widgets.message_rows import Columns, LocalTime
from chat_tui.widgets.wrapping import cut, drawable, wrap

SIGNS = (
    *("  ab.(éя日本。（ㅎ한🎉👍❤" + LINE_BREAK),
    *("\U0001f3fd", "\u200d", "\ufe0f", "e\u0301", "👩\u200d👩\u200d👧", "🇩🇪", "\u00a0", "https://x.org/a"),
)
TEXTS = st.lists(st.sampled_from(SIGNS), max_size=60).map(lambda signs: drawable("".join(signs)))


def drawn(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


@given(TEXTS, st.integers(2, 40))
@example("a" * 40, 7)
@example("日" * 40, 7)
def test_no_row_is_wider_than_it_may_be(text: str, width: int) -> None:
    assert all(cell_len(row) <= width for row in drawn(text, width))


@given(TEXTS, st.integers(1, 40))
def test_nothing_is_lost_but_blanks_where_a_row_breaks(text: str, width: int) -> None:
    rows = wrap(text, width)
    edges = [0, *(edge for row in rows for edge in row), len(text)]
    assert edges == sorted(edges)
    gaps = [
        text[end:start] for (_, end), (start, _) in zip([(0, 0), *rows], [*rows, (len(text), 0)], strict=True)
    ]
    assert set("".join(gaps)) <= {" ", LINE_BREAK}
    assert sum(gap.count(LINE_BREAK) for gap in gaps) == text.count(LINE_BREAK)


@given(TEXTS.map(lambda text: text.replace(LINE_BREAK, "")))
def test_a_text_that_fits_is_one_row(text: str) -> None:
    assert len(wrap(text, max(1, cell_len(text)))) == 1


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 10, [""]),
        ("hello world", 11, ["hello world"]),
        ("hello world", 10, ["hello", "world"]),
        ("hello  world", 6, ["hello", "world"]),
        ("hello ", 5, ["hello"]),
        ("ab abcdefgh", 4, ["ab", "abcd", "efgh"]),
        ("    code", 20, ["    code"]),
        (f"one{LINE_BREAK}{LINE_BREAK}  two{LINE_BREAK}", 10, ["one", "", "  two", ""]),
        ("aé яб", 3, ["aé", "яб"]),
        ("日本語テキスト", 6, ["日本語", "テキス", "ト"]),
        ("hello日本", 7, ["hello日", "本"]),
        ("日本語。", 6, ["日本", "語。"]),
        ("日本（語）", 6, ["日本", "（語）"]),
        ("👩‍👩‍👧👩‍👩‍👧", 3, ["👩‍👩‍👧", "👩‍👩‍👧"]),
        ("👍🏽👍🏽", 2, ["👍🏽", "👍🏽"]),
        ("e\u0301e\u0301", 1, ["e\u0301", "e\u0301"]),
    ],
)
def test_rows_break_where_a_reader_expects_it(text: str, width: int, rows: list[str]) -> None:
    assert drawn(text, width) == rows


def test_the_short_ways_know_the_widths_that_rich_knows() -> None:
    narrow = [chr(code) for code in range(0x110000) if wrapping._NARROW.fullmatch(chr(code))]
    plain = [chr(code) for code in range(0x110000) if wrapping._PLAIN.fullmatch(chr(code))]
    assert len(narrow) > 1000 and len(plain) > 40_000
    assert {get_character_cell_size(sign) for sign in narrow} == {1}
    assert {get_character_cell_size(sign) for sign in set(plain) - set(narrow)} == {2}
    assert all(sign < "\u3000" for sign in narrow) and all(
        sign >= "\u3000" for sign in set(plain) - set(narrow)
    )


@given(TEXTS.map(lambda text: text.replace(LINE_BREAK, "")), st.integers(0, 20))
def test_a_cut_text_fits_and_says_that_it_was_cut(text: str, width: int) -> None:
    short = cut(text, width)
    assert cell_len(short) <= width
    assert short == text or short.endswith("…") or width == 0


@given(st.integers(1, 300), st.integers(-5, 50))
def test_the_columns_fill_the_width_and_no_more(width: int, nick: int) -> None:
    columns = Columns.fit(width, nick)
    assert columns.text >= 1
    assert columns.text_start + columns.text + (1 if columns.nick else 0) == width
    assert columns.nick in range(6, 15) or width < 16
    assert columns.nick <= 8 or width >= 60


def test_a_narrow_screen_keeps_the_time_and_shortens_the_nick() -> None:
    assert Columns.fit(40, 14) == Columns(40, margin=1, time=6, nick=8)
    assert Columns.fit(140, 14) == Columns(140, margin=2, time=6, nick=14)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)),
    st.sampled_from(["Europe/Berlin", "Asia/Kolkata"]),
)
@example(datetime(2026, 10, 24, 22, 30), "Europe/Berlin")
@example(datetime(2026, 3, 28, 23, 30), "Europe/Berlin")
@example(datetime(2018, 11, 4, 2, 30), "America/Sao_Paulo")
def test_days_and_minutes_are_those_of_the_readers_zone(moment: datetime, zone: str) -> None:
    """The examples are nights in which the clocks change, one of them at midnight itself."""
    local = LocalTime(ZoneInfo(zone))
    begin = int(moment.replace(tzinfo=UTC).timestamp())
    for at in range(begin - 90_000, begin + 90_000, 1_800):
        there = datetime.fromtimestamp(at, ZoneInfo(zone))
        assert local.day(at) == there.toordinal()
        assert local.minute(at) == f"{there:%H:%M}"


def test_without_a_zone_the_machines_own_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert LocalTime().minute(int(datetime(2026, 11, 22, 16, 0, tzinfo=UTC).timestamp())) == "01:00"
    assert LocalTime().day_name(int(datetime(2026, 11, 22, 16, 0, tzinfo=UTC).timestamp())).startswith("Mon")


def test_a_day_is_named_in_full_or_in_short() -> None:
    at = int(datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp())
    assert LocalTime(UTC).day_name(at) == "Sunday, 22 November 2026"
    assert LocalTime(UTC).day_name(at, is_short=True) == "22 Nov 2026"


@pytest.mark.parametrize("at", [-(10**18), 0, 253_402_300_799, 10**18])
def test_a_time_that_no_calendar_has_is_shown_somehow(at: int) -> None:
    for zone in (UTC, timezone(timedelta(hours=-12)), timezone(timedelta(hours=14)), None):
        local = LocalTime(zone)
        assert len(local.minute(at)) == 5
        assert local.day_name(at)


@pytest.mark.parametrize(
    "joined",
    ["a\u200d日", "\u200d日", "🎉\u200dx", "🎉\u200d🎉\u200d🎉", "日\ufe0f\u200d🎉\u200d🎉", "क\u200dष"],
)
def test_no_joiner_hides_the_width_of_a_text(joined: str) -> None:
    """Rich counts 2 cells for "a" and thirty joined signs; a terminal draws them all."""
    text = "\u200d".join([joined] * 30)
    shown = drawable(text)
    assert len(shown) == len(text)
    widths = sum(get_character_cell_size(sign) for sign in text)
    assert cell_len(shown) >= widths / 4


@pytest.mark.parametrize("sign", ["👩‍👩‍👧‍👦", "❤️‍🔥", "👩🏽‍💻", "🏳️‍🌈", "🧑‍🤝‍🧑", "👩‍❤️‍💋‍👨"])
def test_signs_that_are_joined_stay_one(sign: str) -> None:
    assert drawable(sign) == sign
    assert len(wrap(sign * 5, 2)) == 5
