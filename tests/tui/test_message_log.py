"""The message log in a running app: what it draws, where it stays, what the mouse takes from it."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.color import Color as RichColor
from rich.console import Console
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.message import Message as TextualMessage
from textual.pilot import Pilot
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES

from chat_tui.model import Delivery, Message
from chat_tui.nick_colors import contrast
from chat_tui.themes import OURS
from chat_tui.widgets.message_log import MessageLog
from chat_tui.widgets.message_paint import links_in

ZONE = ZoneInfo("Europe/Berlin")


def at(clock: str, day: int = 22) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2026, 11, day, hour, minute, tzinfo=ZONE).timestamp())


def said(number: int, text: str = "", nick: str = "ann", **more: object) -> Message:
    text = text or f"number {number}"
    return Message(
        **{"key": f"e{number}", "at": at("12:00"), "kind": "msg", "nick": nick, "text": text} | more
    )  # type: ignore[arg-type]


def many(count: int, start: int = 0) -> list[Message]:
    """Messages of one to four rows in 60 columns, in no regular order."""
    return [
        said(number, f"number {number} " + "and so on " * (number * 7 % 19))
        for number in range(start, start + count)
    ]


class LogApp(App[None]):
    def __init__(
        self, messages: Sequence[Message] = (), *, theme: str = "textual-dark", cap: int = 10_000
    ) -> None:
        super().__init__()
        for ours in OURS:
            self.register_theme(ours)
        self.theme = theme
        self.log_view = MessageLog(zone=ZONE, cap=cap)
        self.log_view.set_messages(messages)
        self.heard: list[TextualMessage] = []

    def compose(self) -> ComposeResult:
        yield self.log_view

    def on_message_log_new_below(self, event: MessageLog.NewBelow) -> None:
        self.heard.append(event)

    def on_message_log_message_clicked(self, event: MessageLog.MessageClicked) -> None:
        self.heard.append(event)


@asynccontextmanager
async def shown(
    messages: Sequence[Message] = (), size: tuple[int, int] = (64, 12), **more: object
) -> AsyncIterator[tuple[MessageLog, Pilot[None]]]:
    app = LogApp(messages, **more)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app.log_view, pilot


def strips(log: MessageLog) -> list[Strip]:
    return [log.render_line(y) for y in range(log.scrollable_content_region.height)]


def rows(log: MessageLog) -> list[str]:
    return [strip.text.rstrip() for strip in strips(log)]


def texts(log: MessageLog) -> list[str]:
    """Only the text column."""
    return [row.partition("│ ")[2] for row in rows(log)]


def all_styles(log: MessageLog) -> list[Style]:
    return [segment.style for strip in strips(log) for segment in strip if segment.style]


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


async def test_an_event_is_one_row_however_long() -> None:
    async with shown([said(1, "ann joined " * 40, "", kind="event")], (64, 3)) as (log, _):
        assert rows(log)[2] == "  12:00          · │ " + "ann joined " * 3 + "ann joi…"


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


HOSTILE = (
    "\x1b]0;pwned\x07 \x1b[31mred\x9b1m \u202egnp.exe \u2066x\u2069 \x00\x7f\u2028\ufeff "
    "[/] [@click=app.quit]free beer[/] [red]x"
)


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


async def test_a_selection_copies_no_control_characters_either() -> None:
    async with shown([said(1, HOSTILE)], (160, 4)) as (_, pilot):
        await select(pilot, (0, 3), (159, 3))
        copied = pilot.app.screen.get_selected_text()
        assert copied is not None and "free beer" in copied
        assert not [sign for sign in copied if unicodedata.category(sign) == "Cc"]


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
                assert ratio >= (4.5 if is_said and not theme.startswith("solarized") else 2.5), segment
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


# Where it stays


async def test_the_newest_is_in_sight_at_first_and_stays_so() -> None:
    async with shown(many(100)) as (log, pilot):
        assert log.following
        for number in range(100, 130, 3):
            log.extend(many(3, number))
            assert "and so on" in rows(log)[-1] or f"number {number + 2}" in rows(log)[-1]
            await pilot.pause()
            assert log.following and log.is_vertical_scroll_end
        assert log.new_below == 0


async def test_what_comes_below_never_moves_the_text_and_is_counted() -> None:
    async with shown(many(100)) as (log, pilot):
        log.action_page_up()
        before = rows(log)
        log.extend([*many(5, 200), said(900, "carol joined", "", kind="event"), said(901, is_own=True)])
        await pilot.pause()
        assert rows(log) == before
        assert (log.following, log.new_below) == (False, 5)
        log.extend(many(1, 300))
        await pilot.pause()
        assert log.new_below == 6
        log.scroll_to_end()
        await pilot.pause()
        assert (log.following, log.new_below) == (True, 0)
        assert isinstance(pilot.app, LogApp)
        assert [event.count for event in pilot.app.heard if isinstance(event, MessageLog.NewBelow)] == [
            5,
            6,
            0,
        ]


async def test_what_is_scrolled_into_sight_is_not_new_any_more() -> None:
    async with shown(many(100)) as (log, pilot):
        log.action_page_up()
        log.extend([said(number) for number in range(200, 240)])
        log.action_page_down()
        await pilot.pause()
        assert log.new_below == 40
        log.action_page_down()
        await pilot.pause()
        first = log.new_below
        assert 25 <= first < 40
        log.scroll_relative(y=5, animate=False)
        await pilot.pause()
        assert log.new_below == first - 5
        log.scroll_relative(y=-5, animate=False)
        await pilot.pause()
        assert log.new_below == first - 5
        log.scroll_to(y=10**6, animate=False)
        await pilot.pause()
        assert (log.following, log.new_below) == (True, 0)


@pytest.mark.parametrize(
    "change", ["older", "trim", "resize", "replace", "remove", "unread", "nick", "middle"]
)
async def test_the_row_on_top_stays_on_top(change: str) -> None:
    async with shown(many(300), (64, 12), cap=400) as (log, pilot):
        log.show_message("e150")
        log.scroll_relative(y=1, animate=False)
        await pilot.pause()
        before, top = rows(log), texts(log)[0]
        match change:
            case "older":
                log.insert_before(many(50, 1_000))
            case "trim":
                log.extend(many(150, 1_000))
                assert len(log.messages) == 400
            case "resize":
                await pilot.resize_terminal(80, 12)
                await pilot.resize_terminal(45, 20)
                await pilot.resize_terminal(64, 12)
            case "replace":
                log.replace("e3", said(3, "longer " * 40))
            case "remove":
                log.remove_messages(["e3", "e40", "e290"])
            case "unread":
                log.set_unread_from("e20")
            case "nick":
                log.nick_width = 14
            case "middle":
                log.insert(many(20, 1_000), "e100")
                log.insert(many(20, 2_000), "e290")
        await pilot.pause()
        assert top in texts(log)[0]
        if change != "nick":
            assert rows(log) == before
        assert not log.following


async def test_a_resize_keeps_the_word_on_top_though_rows_break_elsewhere() -> None:
    async with shown(many(300), (64, 12)) as (log, pilot):
        log.show_message("e150")
        await pilot.pause()
        for width in (100, 40, 33, 120, 60):
            await pilot.resize_terminal(width, 10)
            await pilot.pause()
            assert texts(log)[0].startswith("number 150")


async def test_a_resize_while_following_keeps_the_end_in_sight() -> None:
    async with shown(many(300), (64, 12)) as (log, pilot):
        for size in ((100, 30), (40, 8), (33, 40), (120, 12)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert log.following
            last = next(row for row in reversed(rows(log)) if "number" in row)
            assert "number 299" in last


async def test_a_long_log_breaks_anew_where_it_is_read_and_later_elsewhere() -> None:
    async with shown(many(5_000), (64, 12)) as (log, pilot):
        log.show_message("e2500")
        await pilot.resize_terminal(100, 12)
        await pilot.pause()
        assert texts(log)[0].startswith("number 2500")
        log.action_scroll_home()
        assert "number 0" in rows(log)[1]
        log.scroll_to(y=log.max_scroll_y // 2, animate=False)
        before = rows(log)
        for _ in range(100):
            if not log._content.is_unmeasured:
                break
            await pilot.pause(0.02)
        assert not log._content.is_unmeasured
        assert rows(log) == before
        log.scroll_to_end()
        assert "number 4999" in next(row for row in reversed(rows(log)) if "number" in row)


async def test_of_too_many_messages_the_oldest_go_a_tenth_at_a_time() -> None:
    async with shown((), cap=100) as (log, _):
        sizes = []
        for number in range(250):
            log.extend(many(1, number))
            sizes.append(len(log.messages))
        assert max(sizes) == 110 and sizes[-1] >= 100
        assert log.messages[-1].key == "e249"
        log.action_scroll_home()
        assert "November" in rows(log)[0]


async def test_what_is_being_read_is_not_trimmed_until_there_is_twice_too_much() -> None:
    async with shown(many(100), cap=100) as (log, pilot):
        log.action_scroll_home()
        before = rows(log)
        log.extend(many(90, 100))
        await pilot.pause()
        assert rows(log) == before and len(log.messages) == 190
        log.extend(many(20, 190))
        await pilot.pause()
        assert len(log.messages) == 100


async def test_a_pending_line_becomes_the_sent_one_in_its_place() -> None:
    pending = said(1, "hello", "me", is_own=True, delivery=Delivery.PENDING, key="p7-1")
    async with shown([said(0), pending], (64, 4)) as (log, _):
        log.insert([said(2, "before it")], before="p7-1")
        log.replace("p7-1", replace(pending, key="e3", delivery=Delivery.SENT))
        assert [message.key for message in log.messages] == ["e0", "e2", "e3"]
        assert rows(log)[-2:] == ["  12:00        ann │ before it", "  12:00         me │ hello"]
        log.replace("unknown", said(9))
        log.remove_messages(["e3", "unknown"])
        assert rows(log)[-1].endswith("before it")


async def test_messages_before_one_that_was_trimmed_go_to_the_top() -> None:
    async with shown(many(3)) as (log, _):
        log.insert([said(50)], before="long gone")
        assert [message.key for message in log.messages] == ["e50", "e0", "e1", "e2"]


async def test_the_log_may_be_filled_before_it_is_shown_and_emptied_after() -> None:
    log = MessageLog(zone=ZONE)
    log.extend(many(3))
    log.set_unread_from("e1")
    log.replace("e2", said(2, "changed"))
    log.remove_messages(["e0"])
    log.scroll_to_end()

    class Late(App[None]):
        def compose(self) -> ComposeResult:
            yield log

    async with Late().run_test(size=(64, 6)) as pilot:
        await pilot.pause()
        assert [text for text in texts(log) if text][-1] == "changed"
        log.clear()
        await pilot.pause()
        assert [row.strip() for row in rows(log) if row] == ["Nothing has been said here yet."]
        log.extend(many(1))
        assert "number 0" in rows(log)[-1]


async def test_a_page_leaves_one_row_of_the_last_one() -> None:
    async with shown([said(number) for number in range(100)]) as (log, _):
        top = rows(log)[0]
        log.action_page_up()
        assert rows(log)[-1] == top
        log.action_page_down()
        assert rows(log)[0] == top and log.following
        log.action_scroll_home()
        assert "November" in rows(log)[0]
        log.action_scroll_end()
        assert log.following


async def test_the_wheel_lets_go_of_the_end_and_takes_it_again() -> None:
    async with shown(many(100)) as (log, pilot):
        log.scroll_relative(y=-3, animate=False)
        await pilot.pause()
        assert not log.following
        log.scroll_relative(y=3, animate=False)
        await pilot.pause()
        assert log.following


# The cursor


async def test_the_cursor_walks_over_what_was_said_and_stays_in_sight() -> None:
    messages = [said(0), said(1, kind="event"), *(said(number) for number in range(2, 60))]
    async with shown(messages, (64, 10)) as (log, pilot):
        log.move_cursor(-1)
        assert log.cursor_key == "e59"
        assert rows(log)[-1].startswith("▸ 12:00")
        for _ in range(57):
            log.move_cursor(-1)
        assert log.cursor_key == "e2"
        log.move_cursor(-1)
        log.move_cursor(-1)
        assert log.cursor_key == "e0"
        await pilot.pause()
        assert any(row.startswith("▸") for row in rows(log))
        log.move_cursor(1)
        assert log.cursor_key == "e2"
        log.replace("e2", said(1000))
        assert log.cursor_key == "e1000"
        log.remove_messages(["e1000"])
        assert log.cursor_key is None
        assert not any(row.startswith("▸") for row in rows(log))


async def test_show_message_scrolls_no_more_than_it_must() -> None:
    async with shown([said(number) for number in range(100)], (64, 10)) as (log, _):
        assert log.show_message("e50")
        assert "number 50" in rows(log)[0]
        before = rows(log)
        assert log.show_message("e55")
        assert rows(log) == before
        assert log.show_message("e80")
        assert "number 80" in rows(log)[-1]
        assert not log.show_message("unknown")


# The mouse


async def select(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


def copied(pilot: Pilot[None]) -> str | None:
    return pilot.app.screen.get_selected_text()


LONG = said(2, "one two three four five␤six 日本語 seven", "bob")
"""In 46 columns: "one two three four five", "six 日本語 seven", the text from column 18 on."""


async def test_a_drag_in_one_message_copies_its_plain_text() -> None:
    async with shown([said(1), LONG], (46, 4)) as (log, pilot):
        assert texts(log)[2:] == ["one two three four five", "six 日本語 seven"]
        await select(pilot, (22, 2), (24, 2))
        assert copied(pilot) == "two"
        await select(pilot, (41, 2), (22, 3))
        assert copied(pilot) == "\nsix 日"
        await select(pilot, (22, 3), (24, 3))
        assert copied(pilot) == "日本"


@pytest.mark.parametrize("start", [(0, 2), (8, 2), (16, 2), (17, 2), (18, 2)])
async def test_a_drag_may_begin_left_of_the_text_and_end_right_of_it(start: tuple[int, int]) -> None:
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        await select(pilot, start, (44, 2))
        assert copied(pilot) == "one two three four five"
        await select(pilot, (start[0], 3), (44, 3))
        assert copied(pilot) == "six 日本語 seven"


async def test_a_drag_upwards_copies_the_same() -> None:
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        await select(pilot, (22, 3), (22, 2))
        assert copied(pilot) == "two three four five\nsix 日"
        await select(pilot, (22, 3), (44, 2))
        assert copied(pilot) == "\nsix 日"


async def test_of_several_messages_the_copy_says_who_said_them() -> None:
    messages = [
        said(1, "first", "ann"),
        said(2, "waves", "bob", kind="act"),
        said(3, "noted", "", kind="notice"),
        said(4, "last"),
    ]
    async with shown(messages, (64, 6)) as (log, pilot):
        await select(pilot, (21, 2), (22, 5))
        assert copied(pilot) == "ann: first\n* bob waves\nnoted\nann: la"
        await select(pilot, (23, 2), (22, 3))
        assert copied(pilot) == "rst\n* bo"
        selection = log.screen.get_component_rich_style("screen--selection").bgcolor
        lit = [
            segment.text
            for strip in strips(log)
            for segment in strip
            if segment.style and segment.style.bgcolor == selection
        ]
        assert lit == ["rst", "*", "bo"]


async def test_a_selection_stays_with_its_text_when_other_messages_come() -> None:
    pending = said(8, "mine", "me", key="p1", is_own=True, delivery=Delivery.PENDING)
    async with shown([*(said(number) for number in range(50)), pending], (64, 12), cap=60) as (log, pilot):
        await select(pilot, (21, 11), (24, 11))
        assert copied(pilot) == "mine"
        log.insert([said(100)], before="p1")
        log.insert_before(many(3, 200))
        log.extend(many(30, 300))
        await pilot.pause()
        assert copied(pilot) == "mine"
        log.set_messages(many(3))
        await pilot.pause()
        assert copied(pilot) is None


async def test_two_clicks_take_a_word_and_three_the_message() -> None:
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        await pilot.click(MessageLog, offset=(23, 2), times=2)
        assert copied(pilot) == "two"
        await pilot.click(MessageLog, offset=(23, 2), times=3)
        assert copied(pilot) == "one two three four five\nsix 日本語 seven"


async def test_a_click_tells_which_message_and_which_address() -> None:
    async with shown([said(1), said(2, "see https://x.org now")], (64, 4)) as (log, pilot):
        await pilot.click(MessageLog, offset=(1, 2))
        await pilot.click(MessageLog, offset=(30, 3))
        await pilot.click(MessageLog, offset=(58, 3))
        await pilot.click(MessageLog, offset=(5, 0))
        assert isinstance(pilot.app, LogApp)
        clicks = [event for event in pilot.app.heard if isinstance(event, MessageLog.MessageClicked)]
        assert [(event.key, event.link) for event in clicks] == [
            ("e1", None),
            ("e2", "https://x.org"),
            ("e2", None),
        ]
        assert clicks[0].control is log


async def test_a_drag_is_no_click() -> None:
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        await select(pilot, (20, 2), (30, 2))
        assert isinstance(pilot.app, LogApp)
        assert not [event for event in pilot.app.heard if isinstance(event, MessageLog.MessageClicked)]
