"""What stands around a text in the log: what it answers, reactions, gaps; spoilers, code; and that nothing moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.color import Color

from chat_tui.model import Delivery, Message, Quoted, Reaction
from chat_tui.nick_colors import contrast
from chat_tui.themes import OURS
from chat_tui.widgets.log_palette import PARTS, Palette
from chat_tui.widgets.message_log import MessageLog
from chat_tui.widgets.message_paint import Painter
from chat_tui.widgets.message_rows import Columns, Lead, LocalTime, height_of
from tests.tui.shown_log import LogApp, copied, many, rows, said, select, shown, strips, texts

THUMB = Reaction("👍", ("bob", "carol"), is_mine=False)
MINE = Reaction("🎉", ("me",), is_mine=True)
PLAIN = Palette(
    base=Style.null(),
    parts=dict.fromkeys(PARTS, Style.null()),
    rows=dict.fromkeys(PARTS, Style.null()),
    selection=Style.null(),
    is_dark=True,
)

PIECES = (
    *(
        "*a* ",
        "word and word ",
        "> ",
        "␤> ",
        "␤",
        "```py␤def f():␤```",
        "␤```␤",
        "||so it is||",
        ":tada:",
        "`x y`",
    ),
    *("日本語", "👩\u200d👩\u200d👧", "e\u0301", "https://x.org/a ", "_i_", "**", "~", "\u200d", "\x1b[1m"),
)


def style_of(log: MessageLog, text: str) -> Style:
    [style] = [segment.style for strip in strips(log) for segment in strip if segment.text.strip() == text]
    assert style is not None
    return style


@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    width=st.integers(1, 90),
    kind=st.sampled_from(["msg", "act", "notice", "event", "gap"]),
    reply=st.sampled_from([None, Quoted(1, "bob", "*what* ||is|| it?␤" * 9), Quoted(1, "", "")]),
    reactions=st.lists(
        st.sampled_from([THUMB, MINE, Reaction("\x1b" * 9 + "日" * 99, ("x",), is_mine=False)])
    ),
    is_edited=st.booleans(),
    delivery=st.sampled_from(Delivery),
    is_cursor=st.booleans(),
)
def test_every_message_has_just_the_rows_that_were_counted_and_each_the_width_of_the_log(
    text: str, width: int, kind: str, is_cursor: bool, **more: object
) -> None:
    message = said(1, text or "-", kind=kind, is_own=True, reason="no " * 30, **{**more, "reactions": ()})
    message = replace(message, reactions=tuple(more["reactions"]))  # type: ignore[arg-type]
    columns = Columns.fit(width, 10)
    painter = Painter(columns, PLAIN, LocalTime())
    painted = painter.paint(message, 0, Lead(), is_cursor=is_cursor)
    assert len(painted) == height_of(message, columns.text)
    assert {strip.cell_length for strip in painted} == {width}


async def test_an_answer_says_what_it_answers_and_a_changed_text_that_it_was_changed() -> None:
    messages = [
        said(
            1,
            "me, if we start *after* eight",
            reply=Quoted(7, "bob", "who is _in_ for games night? ||cake||"),
        ),
        said(2, "so", "carol", reply=Quoted(8, "", ""), is_edited=True),
        said(3, "> so", "carol", is_edited=True),
    ]
    async with shown(messages, (50, 9)) as (log, _):
        assert rows(log)[3:] == [
            "                │ ↳ bob: who is in for games ni…",
            " 12:00      ann │ me, if we start after eight",
            "                │ ↳ a message that is not loaded",
            " 12:00    carol │ so (edited)",
            " 12:00    carol │ ▎ so",
            "                │ (edited)",
        ]


async def test_reactions_are_counted_under_the_message_and_ones_own_stand_out() -> None:
    many_kinds = tuple(replace(THUMB, emoji=sign) for sign in "😀😁😂😃😄😅😆😇😈😉😊")
    async with shown([said(1, reactions=(THUMB, MINE)), said(2, reactions=many_kinds)], (50, 6)) as (log, _):
        assert texts(log)[-3:] == [" 👍 2   🎉 1", "number 2", " 😀 2   😁 2   😂 2   😃 2  …"]
        assert style_of(log, "👍 2").bgcolor != style_of(log, "🎉 1").bgcolor


async def test_a_click_on_a_reaction_an_answer_or_a_gap_tells_what_is_wanted() -> None:
    messages = [
        said(1, "— messages not loaded —", "", kind="gap"),
        said(2, reply=Quoted(7, "bob", "who?"), reactions=(THUMB, MINE)),
    ]
    async with shown(messages, (50, 5)) as (_, pilot):
        for offset in ((25, 0), (20, 2), (27, 4), (25, 3)):
            await pilot.click(offset=offset)
            await pilot.pause()
        heard = pilot.app.heard  # type: ignore[attr-defined]
        assert [(event.key, event.action, event.value) for event in heard if hasattr(event, "action")] == [
            ("e1", "load", "e1"),
            ("e2", "jump", "7"),
            ("e2", "react", "🎉"),
        ]


async def test_the_row_cursor_stops_at_gaps_and_a_gap_begins_no_day() -> None:
    messages = [said(1, "gap", "", kind="gap", at=1), said(2), said(3, "gap", "", kind="gap", at=1), said(4)]
    async with shown(messages, (50, 7)) as (log, _):
        assert sum("2026" in row for row in rows(log)) == 1
        assert not any("1970" in row for row in rows(log))
        log.move_cursor(-1)
        log.move_cursor(-1)
        assert log.cursor_key == "e3"


async def test_a_spoiler_is_covered_until_it_is_asked_for_or_clicked_and_not_shown_in_passing() -> None:
    messages = [said(1, "it was ||bob https://x.org|| you know"), said(2, "||日本||")]
    async with shown(messages, (64, 4)) as (log, pilot):
        covered = texts(log)[-2:]
        assert covered == ["it was ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ you know", "▒▒▒▒"]
        assert not any(segment.style and segment.style.link for segment in strips(log)[-2])
        log.cursor_key = "e1"
        assert texts(log)[-2:] == covered
        log.uncover("e1")
        assert texts(log)[-2:] == ["it was bob https://x.org you know", "▒▒▒▒"]
        log.uncover("e1", is_shown=False)
        assert texts(log)[-2:] == covered
        await pilot.click(offset=(22, 3))
        assert texts(log)[-2:] == [covered[0], "日本"]


async def test_who_reacted_is_told_on_the_message_with_the_cursor_the_reader_first_and_in_the_same_row() -> (
    None
):
    reacted = (
        Reaction("👍", ("bob", "me", "carol"), is_mine=True),
        Reaction("🎉", ("dave",), is_mine=False),
    )
    async with shown([said(1, reactions=reacted), said(2)], (64, 6)) as (log, _):
        log.set_people("me", ["bob", "carol"])
        assert texts(log)[-2].strip() == "👍 3   🎉 1"
        before = rows(log)
        log.cursor_key = "e1"
        assert texts(log)[-2].strip() == "👍 you, bob, carol   🎉 dave"
        assert len(rows(log)) == len(before) and rows(log)[-1] == before[-1]
        many_people = tuple(f"person{number}" for number in range(30))
        log.replace("e1", said(1, reactions=(Reaction("👍", many_people, is_mine=False), *reacted[1:])))
        row = texts(log)[-2].strip()
        assert row.startswith("👍 person0, person1 +28") and row.endswith("🎉 dave")
    async with shown([said(1, reactions=reacted), said(2)], (24, 6)) as (log, _):
        log.cursor_key = "e1"
        assert "👍 3" in texts(log)[-2], "where there is no room for a name there is for a number"


async def test_code_stands_on_a_background_as_wide_as_the_text_and_its_words_have_colors() -> None:
    code = said(1, "so:␤```py␤def f(x):␤    return 'a'␤```")
    async with shown([code], (50, 5)) as (log, _):
        assert texts(log)[1:] == ["so:", " py", " def f(x):", "     return 'a'"]
        block = strips(log)[-1]
        grounds = [segment.style.bgcolor for segment in block if segment.style]
        assert grounds[0] != grounds[-2]
        wide = sum(segment.cell_length for segment in block if segment.style.bgcolor == grounds[-2])  # type: ignore[union-attr]
        assert wide == 50 - 1 - 18 - 1
        assert style_of(log, "def").color != style_of(log, "return").bgcolor
        assert style_of(log, "def").color == style_of(log, "return").color != style_of(log, "f").color


@pytest.mark.parametrize("theme", [theme.name for theme in OURS])
async def test_everything_around_a_text_is_readable_in_our_themes(theme: str) -> None:
    code = "`code` ||gone|| @bob␤> quoted␤```py␤@d␤def f(x):␤    return 'a' + 1  # why␤```"
    messages = [said(1, code, reply=Quoted(1, "bob", "what?"), reactions=(THUMB, MINE), is_edited=True)]
    async with shown(messages, (64, 14), theme=theme) as (log, _):
        log.set_people("me", ["bob"])
        checked = 0
        for segment in (segment for strip in strips(log)[2:] for segment in strip):
            if segment.text.strip(" │▌─▎▒…") and segment.style and segment.style.color:
                ink, paper = segment.style.color, segment.style.bgcolor
                assert paper is not None
                assert contrast(Color.from_rich_color(ink), Color.from_rich_color(paper)) >= 4, segment
                checked += 1
        assert checked > 15


async def test_names_of_the_people_in_the_room_are_lit_up_and_other_words_are_not() -> None:
    messages = [
        said(1, "bob: will @Will and @nobody see Ann? mail ann@will.org `@will` will", mentions_me=True)
    ]
    async with shown(messages, (90, 3)) as (log, _):
        log.set_people("ann", ["bob", "Will", "ann"])
        lit = {segment.text for segment in strips(log)[-1] if segment.style and segment.style.bold}
        assert "Ann" in lit
        found = [segment.text for segment in strips(log)[-1]]
        assert {"bob", "@Will", "Ann"} <= set(found)
        assert not {"@nobody", "will"} & set(found)
        assert style_of(log, "bob").color != style_of(log, "Ann").color


# What is copied


async def test_what_is_copied_is_the_source() -> None:
    text = "so *bold* and :tada: it␤> said␤```py␤x = 1␤```"
    async with shown([said(1, text, reply=Quoted(1, "b", "who"), reactions=(THUMB,))], (64, 9)) as (
        log,
        pilot,
    ):
        found = rows(log)
        line = next(index for index, row in enumerate(found) if "so bold" in row)
        await select(pilot, (25, line), (27, line))
        assert copied(pilot) == "old"
        await select(pilot, (24, line), (27, line))
        assert copied(pilot) == "*bold*"
        await select(pilot, (20, line), (60, line + 4))
        assert copied(pilot) == text.replace("␤", "\n")
        await pilot.click(offset=(26, line), times=3)
        assert copied(pilot) == text.replace("␤", "\n")


# Nothing moves


def taller(message: Message) -> Message:
    return replace(message, reactions=(THUMB,), reply=Quoted(1, "bob", "who?"))


@pytest.mark.parametrize("number", [3, 24, 25, 26, 45])
async def test_what_is_read_stays_when_a_message_anywhere_gets_a_reaction_or_loses_it(number: int) -> None:
    """Message 25 is the one at the top of the page, of which the first row is out of sight."""
    messages = many(50)
    async with shown(messages, (64, 12)) as (log, pilot):
        log.show_message("e25")
        top = log._content.row_of(25)
        log.scroll_to(y=top + 1, animate=False)
        await pilot.pause()
        before = rows(log)
        log.replace(f"e{number}", taller(messages[number]))
        await pilot.pause()
        assert rows(log)[0] == before[0]
        if number not in (25, 26):
            assert rows(log) == before
        log.replace(f"e{number}", messages[number])
        await pilot.pause()
        assert rows(log) == before


async def test_a_row_of_reactions_on_top_stays_on_top() -> None:
    messages = [taller(message) for message in many(50)]
    async with shown(messages, (64, 12)) as (log, pilot):
        log.scroll_to(y=log._content.row_of(26) - 1, animate=False)
        await pilot.pause()
        before = rows(log)
        assert "👍" in before[0]
        log.replace("e3", replace(messages[3], text="x " * 200))
        log.extend([said(99)])
        await pilot.pause()
        assert rows(log) == before


async def test_at_the_end_the_log_follows_a_message_that_grows() -> None:
    messages = many(50)
    async with shown(messages, (64, 12)) as (log, pilot):
        log.replace("e49", taller(messages[49]))
        await pilot.pause()
        assert log.following and "👍" in rows(log)[-1]


# Pictures

CONVERSATION = [
    said(1, "who is in for *games night*? https://example.org/games?week=47", "bob", reactions=(THUMB, MINE)),
    said(2, "me, if we start _after_ eight", "ann", reply=Quoted(1, "bob", "who is in for *games night*?")),
    said(
        3,
        "@ann: eight it is, and I bring the ||chocolate|| cake :cake:",
        "carol",
        reply=Quoted(2, "ann", "me, if we start _after_ eight"),
        reactions=(Reaction("❤", ("ann", "bob", "dave"), is_mine=False), replace(MINE, emoji="😋")),
        is_edited=True,
    ),
    said(4, "messages not loaded, click or Enter to load", "", kind="gap"),
    said(5, "what did I miss?", "me", is_own=True, reply=Quoted(400, "", "")),
    said(6, "me: read from the top, it is worth it", "bob", mentions_me=True, reactions=(MINE,)),
]
CODE = [
    said(1, "the fix is `git rebase --autosquash`, see snake_case_name in a/b_c/d_e and 2*3*4", "bob"),
    said(
        2,
        "try this:␤```py␤@cache␤def fib(n: int) -> int:␤    # slow without the cache␤"
        "    return n if n < 2 else fib(n - 1) + fib(n - 2)␤```␤*much* faster, ~no~ yes",
    ),
    said(
        3,
        "> try this:␤> *much* faster, and this quotation is long enough to go over two rows␤why? ¯\\_(ツ)_/¯",
    ),
    said(4, "```␤$ make test␤ok␤```", "carol", is_edited=True),
    said(5, '```json␤{"name": "talkline", "rooms": [1, 2], "ok": true}␤```', "me", is_own=True),
]


@pytest.mark.parametrize("theme", [theme.name for theme in OURS])
@pytest.mark.parametrize("width", [50, 90])
@pytest.mark.parametrize("scene", ["code", "conversation"])
def test_it_looks_as_it_did(snap_compare, scene: str, width: int, theme: str) -> None:  # type: ignore[no-untyped-def]
    app = LogApp({"code": CODE, "conversation": CONVERSATION}[scene], theme=theme)
    app.log_view.set_people("me", ["ann", "bob", "carol"])
    assert snap_compare(app, terminal_size=(width, 22))
