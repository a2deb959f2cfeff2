"""What the row of something that is missing says."""

from __future__ import annotations

from rich.cells import cell_len

from chat_tui.model import LOADING, Message
from chat_tui.widgets.message_rows import LocalTime
from chat_tui.widgets.wrapping import cut, drawable


def rule_text(message: Message, time: LocalTime, width: int) -> str:
    """What the row of something missing says in at most `width` cells: of a gap also from when to when it is, and about
    how many are missing, as far as there is room."""
    text, missing = drawable(message.text).strip("— "), message.missing
    if missing is None or message.reason:
        return cut(text, width)
    count = f"about {_rounded(missing.count):,} message{'s' * (missing.count > 1)}"
    if message.text == LOADING:
        first, short, last = f"{text} {count}", text, ""
    else:
        first, short, last = f"{count} not loaded", f"{count} not loaded", ", click or Enter to load"
    begin, end = time.minute(missing.since), time.minute(missing.until)
    if time.day(missing.since) != time.day(missing.until):
        begin, end = (
            f"{time.day_name(at, is_short=True)} {time.minute(at)}" for at in (missing.since, missing.until)
        )
    when = f", {begin} to {end}" if begin != end else ""
    told = (first + when + last, first + when, first, short)
    return next((line for line in told if cell_len(line) <= width), cut(short, width))


def _rounded(count: int) -> int:
    """Two digits of it: nobody knows more."""
    unit = int(10 ** max(0, len(str(count)) - 2))
    return round(count / unit) * unit
