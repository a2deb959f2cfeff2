"""What the message log costs at 1,000, 10,000 and 100,000 messages: python -m tests.bench.bench_message_log

Process CPU time, in a headless app of 110x40 (64x40 after the resize): an append is one message up to the drawn
picture, a flood 200 of them in one batch; filling and resizing go on in the background, so "longest wait" is the
longest time in which nothing else could happen during the resize. Machines differ, so read the ratios; nothing here
fails on a time.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from statistics import median
from time import process_time

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from chat_tui.model import Message
from chat_tui.widgets.message_log import MessageLog

SIZES = (1_000, 10_000, 100_000)
WORDS = (
    "the",
    "build",
    "is",
    "green",
    "so",
    "we",
    "ship",
    "unless",
    "somebody",
    "finds",
    "internationalization",
    "bugs",
)
COLUMNS = (
    "messages",
    "fill",
    "append",
    "flood",
    "append, not at end",
    "page up",
    "resize",
    "longest wait",
    "log, KiB",
)


def talk(count: int, start: int = 0) -> list[Message]:
    """Messages of 3 to 30 words, every twentieth with East Asian text and emoji."""
    choose = random.Random(start)
    return [
        Message(
            f"e{number}",
            1_790_000_000 + number * 20,
            "msg",
            choose.choice(("ann", "bob", "carol", "Zoë", "maximilian")),
            " ".join(choose.choices(WORDS, k=choose.randint(3, 30)))
            + (" 日本語のテキスト 🎉" if number % 20 == 0 else ""),
            number,
        )
        for number in range(start, start + count)
    ]


class Bench(App[None]):
    """The log alone."""

    def __init__(self) -> None:
        super().__init__()
        self.log_view = MessageLog(cap=max(SIZES) * 2)

    def compose(self) -> ComposeResult:
        """As wide as the screen."""
        yield self.log_view


async def cost(pilot: Pilot[None], times: int, do: Callable[[], object | Awaitable[object]]) -> float:
    """CPU milliseconds until what was done is on the screen, the median of several."""
    spent = []
    for _ in range(times):
        begin = process_time()
        answer = do()
        if isinstance(answer, Awaitable):
            await answer
        await pilot.pause()
        spent.append((process_time() - begin) * 1000)
    return median(spent)


async def measure(size: int) -> list[float]:
    """One row of the table."""
    messages, more = talk(size), iter(talk(5_000, 10**6))
    app = Bench()
    async with app.run_test(size=(110, 40)) as pilot:
        log = app.log_view
        log.extend(talk(100, 10**7))
        await pilot.pause()
        idle = await cost(pilot, 9, lambda: None)
        fill = await cost(pilot, 1, lambda: log.set_messages(messages))
        while log._content.is_unmeasured:
            await asyncio.sleep(0.01)
        append = await cost(pilot, 31, lambda: log.extend([next(more)]))
        flood = await cost(pilot, 9, lambda: log.extend([next(more) for _ in range(200)]))
        page = await cost(pilot, 9, log.action_page_up)
        scrolled = await cost(pilot, 31, lambda: log.extend([next(more)]))
        waits = asyncio.create_task(longest_wait())
        resize = await cost(pilot, 1, lambda: pilot.resize_terminal(64, 40))
        while log._content.is_unmeasured:
            await asyncio.sleep(0.01)
        waits.cancel()
        wait = await waits
    spent = (fill, append, flood, scrolled, page, resize)
    return [*(value - idle for value in spent), wait, memory_of(messages)]


async def longest_wait() -> float:
    """Milliseconds that the loop was busy at a stretch, until this task is cancelled."""
    longest, before = 0.0, process_time()
    try:
        while True:
            await asyncio.sleep(0.001)
            longest, before = max(longest, process_time() - before), process_time()
    except asyncio.CancelledError:
        return longest * 1000


def memory_of(messages: list[Message]) -> float:
    """KiB of the log itself, without the messages in it."""
    gc.collect()
    tracemalloc.start()
    log = MessageLog(cap=len(messages))
    log.extend(messages)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0] / 1024
    tracemalloc.stop()
    return size


async def main() -> None:
    """Prints the table, then how much dearer the largest log is than the smallest."""
    out = sys.stdout.write
    out("".join(f"{name:>20}" for name in COLUMNS) + "   (CPU ms)\n")
    rows = []
    for size in SIZES:
        rows.append(await measure(size))
        out("".join(f"{value:>20,.1f}" for value in (size, *rows[-1])) + "\n")
    out(
        f"{'last / first':>20}"
        + "".join(f"{b / a:>19,.1f}x" for a, b in zip(rows[0], rows[-1], strict=True))
        + "\n"
    )


if __name__ == "__main__":
    asyncio.run(main())
