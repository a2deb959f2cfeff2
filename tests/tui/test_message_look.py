"""How the message log looks: columns, signs, lines, links and colours, and text that means harm."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.color import Color as RichColor
from rich.console import Console
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from chat_tui.formatting import links_in
from chat_tui.model import Delivery
from chat_tui.nick_colors import contrast
from chat_tui.themes import OURS
from chat_tui.widgets.message_log import MessageLog
from tests.tui.shown_log import (
    HOSTILE,
    at,
    many,
    rows,
    said,
    shown,
    strips,
    texts,
)

# How it looks


async def test_time_nick_and_text_stand_in_columns_and_wrapped_text_hangs_under_the_text() -> None:
    async with shown(
        [said(1, "one two three four five six seven", "bob"), said(2, "hi", "Zoë")], (46, 5)
    ) as (log, _):
        assert rows(log) == [
            "",
            " ──────── Sunday, 22 November 2026 ─────────",
            " 12:00      bob │ one two three four five",
            "                │ six seven",
            " 12:00      Zoë │ hi",
        ]


async def test_a_nick_that_is_too_long_ends_in_dots_and_the_columns_hold() -> None:
    wide = [
        said(1, nick="maximilian-the-third"),
        said(2, nick="田中田中田中田中田中"),
        said(3, nick="é" * 20),
    ]
    async with shown(wide, (80, 4)) as (log, _):
        assert [row.partition(" number")[0] for row in rows(log)[1:]] == [
            "  12:00 maximilia… │",
            "  12:00  田中田中… │",
            "  12:00 ééééééééé… │",
        ]
        log.nick_width = 14
        assert rows(log)[1].startswith("  12:00 maximilian-th… │")


async def test_every_kind_of_message_has_a_sign_of_its_own() -> None:
    mine = {"nick": "me", "is_own": True}
    messages = [
        said(1, "waves", "bob", kind="act"),
        said(2, "You are now ann", "", kind="notice"),
        said(3, "carol joined", "", kind="event"),
        said(4, "no such command", "", kind="error"),
        said(5, "on its way", **mine, delivery=Delivery.PENDING),
        said(6, "refused", **mine, delivery=Delivery.FAILED, reason="slow down"),
        said(7, "@me look", "bob", mentions_me=True),
    ]
    async with shown(messages, (64, 9)) as (log, _):
        assert rows(log)[1:] == [
            "  12:00          * │ bob waves",
            "  12:00         -- │ You are now ann",
            "  12:00          · │ carol joined",
            "  12:00      error │ no such command",
            "… 12:00         me │ on its way",
            "✗ 12:00         me │ refused",
            "                   │ not sent: slow down",
            "▌ 12:00        bob │ @me look",
        ]


async def test_a_long_event_wraps_like_what_is_said() -> None:
    async with shown([said(1, "ann set the topic: " + "cake " * 12, "", kind="event")], (50, 5)) as (log, _):
        assert rows(log)[2:] == [
            " 12:00        · │ ann set the topic: cake cake",
            "                │ cake cake cake cake cake cake",
            "                │ cake cake cake cake",
        ]


async def test_a_line_break_on_the_wire_is_a_real_one_here() -> None:
    async with shown([said(1, "def f():␤    return 1␤␤f()")], (64, 5)) as (log, _):
        assert texts(log)[1:] == ["def f():", "    return 1", "", "f()"]


async def test_a_day_line_stands_where_the_readers_day_changes() -> None:
    """22:59 and 23:01 in UTC are the last minute of one day and the first of another in Berlin."""
    messages = [said(1, at=at("23:59", 21)), said(2, at=at("00:01", 22)), said(3, at=at("00:02", 22))]
    async with shown(messages, (64, 5)) as (log, _):
        found = rows(log)
        assert "Saturday, 21 November 2026" in found[0]
        assert [row[2:7] for row in found] == ["─────", "23:59", "─────", "00:01", "00:02"]
        assert "Sunday, 22 November 2026" in found[2]


async def test_the_unread_line_stands_before_the_message_and_goes_again() -> None:
    async with shown(many(3), (64, 12)) as (log, _):
        before = rows(log)
        log.set_unread_from("e1")
        assert _before_new(log).startswith("number 1 ")
        log.set_unread_from("e2")
        assert _before_new(log).startswith("number 2 ")
        log.set_unread_from(None)
        assert rows(log) == before


def _before_new(log: MessageLog) -> str:
    """The text under the one unread line there is."""
    [index] = [index for index, row in enumerate(rows(log)) if "─ new ─" in row]
    return texts(log)[index + 1]


async def test_an_empty_log_says_something_in_its_middle() -> None:
    async with shown((), (64, 9)) as (log, pilot):
        log.empty_text = "Nobody is here yet.\nSay hello!"
        await pilot.pause()
        found = rows(log)
        assert [row.strip() for row in found if row] == ["Nobody is here yet.", "Say hello!"]
        assert found[3].startswith(" " * 20)


async def test_few_messages_stand_at_the_bottom() -> None:
    async with shown([said(1)], (64, 9)) as (log, _):
        assert rows(log)[:7] == [""] * 7
        assert "number 1" in rows(log)[8]


WILD = st.lists(
    st.sampled_from(
        (
            "a",
            " ",
            "word ",
            "日本",
            "👩‍👩‍👧",
            "❤️",
            "e\u0301",
            "\u200d",
            "\x1b[31m",
            "\x07",
            "␤",
            "\u202e",
            "—",
            "https://x.org/",
        )
    ),
    max_size=60,
).map("".join)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=WILD,
    nick=WILD,
    width=st.integers(1, 90),
    kind=st.sampled_from(["msg", "act", "notice", "event", "error"]),
)
async def test_no_row_is_ever_wider_or_narrower_than_the_log(
    text: str, nick: str, width: int, kind: str
) -> None:
    async with shown([said(1, text, nick, kind=kind, mentions_me=True)], (width + 1, 8)) as (log, _):
        assert {strip.cell_length for strip in strips(log)} == {width}


# Text from others


@pytest.mark.parametrize("kind", ["msg", "act", "notice", "event", "error"])
async def test_nothing_that_acts_on_a_terminal_is_drawn_and_markup_stays_text(kind: str) -> None:
    evil = said(1, HOSTILE, "e\x1b[2Jv\u202eil[/]", kind=kind, delivery=Delivery.FAILED, reason="\x1b[0m[/b]")
    async with shown([evil], (160, 5)) as (log, _):
        log.empty_text = HOSTILE
        drawn = "".join(strip.text for strip in strips(log))
        assert not [sign for sign in drawn if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
        assert not set(drawn) & set(
            "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff"
        )
        assert "[/] [@click=app.quit]free beer[/] [red]x" in drawn
        assert "@click" not in "".join(
            str(segment.style.meta) for strip in strips(log) for segment in strip if segment.style
        )
        log.clear()
        assert not [
            sign for strip in strips(log) for sign in strip.text if unicodedata.category(sign) == "Cc"
        ]


# Links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (
            "see https://example.org/a_(b), and (http://x.org/).",
            ["https://example.org/a_(b)", "http://x.org/"],
        ),
        ("HTTPS://X.ORG/?a=b&c=d#e!", ["HTTPS://X.ORG/?a=b&c=d#e"]),
        (
            "<https://x.org> 'https://y.org' *https://z.org*",
            ["https://x.org", "https://y.org", "https://z.org"],
        ),
        ("https://例え.jp/日本、次。https://x.org）", ["https://例え.jp/日本", "https://x.org"]),
        ("https://a.org␤https://b.org", ["https://a.org", "https://b.org"]),
        ("http:// https://. xhttps://x.org javascript:alert(1) file:///etc ftp://x.org", []),
        ("https://x.org\u200bhttps://y.org", ["https://x.org", "https://y.org"]),
    ],
)
def test_addresses_are_found_without_what_stands_around_them(text: str, links: list[str]) -> None:
    assert [text[start:end] for start, end in links_in(text)] == links


async def test_an_address_that_goes_over_two_rows_is_one_link_in_each() -> None:
    url = "https://example.org/" + "long/" * 12 + "日"
    async with shown([said(1, f"look: {url} (there)")], (64, 6)) as (log, _):
        found = [
            segment.style
            for strip in strips(log)
            for segment in strip
            if segment.style and segment.style.link
        ]
        assert len(found) > 1
        assert {style.link for style in found} == {url.replace("日", "%E6%97%A5")}
        assert len({style.link_id for style in found}) == 1
        assert all(style.underline for style in found)
        assert (
            "".join(
                segment.text
                for strip in strips(log)
                for segment in strip
                if segment.style and segment.style.link
            )
            == url
        )
        sent = strips(log)[-2].render(Console(color_system="truecolor", force_terminal=True))
        assert f"\x1b]8;id={found[0].link_id};https://example.org/" in sent


# Colours


@pytest.mark.parametrize("theme", [*BUILTIN_THEMES, *(theme.name for theme in OURS)])
async def test_text_is_readable_in_every_theme(theme: str) -> None:
    """4.5 for what is said and by whom, 3 for what is meant to stand back; ANSI colours are the terminal's own."""
    messages = [said(1, "said"), said(2, "own", "me", is_own=True), said(3, "named", "bob", mentions_me=True)]
    dim = [
        said(4, "noted", "", kind="notice"),
        said(5, "joined", "", kind="event"),
        said(6, "wrong", "", kind="error"),
    ]
    async with shown([*messages, *dim], (64, 8), theme=theme) as (log, _):
        checked = 0
        for strip in strips(log)[1:]:
            for segment in strip:
                if not segment.text.strip(" │▌─") or segment.style is None or segment.style.color is None:
                    continue
                ink, paper = segment.style.color, segment.style.bgcolor
                if (
                    ink.is_default
                    or paper is None
                    or paper.is_default
                    or not _is_rgb(ink)
                    or not _is_rgb(paper)
                ):
                    assert theme.startswith("ansi")
                    continue
                is_said = segment.text in ("ann", "bob", "said", "named")
                ratio = contrast(Color.from_rich_color(ink), Color.from_rich_color(paper))
                assert ratio >= (4.5 if is_said else 2.5), segment
                checked += 1
        assert checked > 10 or theme.startswith("ansi")


def _is_rgb(color: RichColor) -> bool:
    return color.triplet is not None


async def test_another_theme_paints_everything_anew() -> None:
    async with shown(many(3), (64, 12)) as (log, pilot):
        before = strips(log)
        pilot.app.theme = "textual-light"
        await pilot.pause()
        after = strips(log)
        assert [strip.text for strip in before] == [strip.text for strip in after]
        assert before[-1] != after[-1]


async def test_a_message_that_names_one_has_a_background_over_its_whole_width() -> None:
    async with shown([said(1), said(2, "@me " + "and so on " * 9, "bob", mentions_me=True)], (64, 8)) as (
        log,
        _,
    ):
        plain, *named = strips(log)[-4:]
        assert len({segment.style.bgcolor for segment in plain if segment.style}) == 1
        assert len({segment.style.bgcolor for strip in named for segment in strip if segment.style}) == 1
        assert named[0]._segments[0].style.bgcolor != plain._segments[0].style.bgcolor  # type: ignore[union-attr]
