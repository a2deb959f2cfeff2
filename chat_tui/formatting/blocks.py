"""Whole lines that are something: code between two lines of backticks, quotations."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final, Literal

from chat_tui.formatting.formatted import LINE_BREAK, Block, Found, Look, Pair

_LANGUAGE: Final = re.compile(r" *[A-Za-z][A-Za-z0-9+#._-]{0,19} *")


def read_blocks(text: str, found: Found, pairs: list[Pair]) -> list[Block]:
    """Code, quotes, and what is between them."""
    lines, position = [], 0
    for line in text.split(LINE_BREAK):
        lines.append((position, position + len(line)))
        position += len(line) + 1
    closing = [number for number, (_, end) in enumerate(lines) if text.endswith("```", 0, end)]
    blocks: list[Block] = []
    number = 0
    while number < len(lines):
        start, end = lines[number]
        after = bisect_left(closing, number + 1)
        if text.startswith("```", start) and after < len(closing):
            last = closing[after]
            code = _code(text, (start, end), lines[last])
            if code is not None:
                blocks.append(code)
                if code.language:
                    found.looks.append(Look(code.start, code.start + len(code.language), "label"))
                found.hidden += ((start, code.start, ""), (code.end, lines[last][1], ""))
                pairs.append((start, code.code, code.end, lines[last][1]))
                number = last + 1
                continue
        is_after_quote = bool(blocks) and blocks[-1].kind == "quote"
        kind: Literal["text", "quote"] = "text"
        begin = start
        if _is_quote(text, start, end, is_after_quote):
            kind, begin = "quote", min(start + 2, end)
            found.hidden.append((start, begin, ""))
            pairs.append((start, begin, begin, begin))
        if blocks and blocks[-1].kind == kind:
            blocks[-1] = blocks[-1]._replace(end=end)
        else:
            blocks.append(Block(begin, end, kind))
        number += 1
    return blocks


def _is_quote(text: str, start: int, end: int, is_after_quote: bool) -> bool:
    if not text.startswith(">", start):
        return False
    is_empty = not text[start + 1 : end].strip()
    return is_after_quote if is_empty else text[start + 1] == " "


def _code(text: str, opening: tuple[int, int], closing: tuple[int, int]) -> Block | None:
    """The code between two lines with three backticks; None if it is none."""
    begin, end = opening[0] + 3, opening[1]
    if "`" in text[begin:end]:
        return None
    stop = closing[1] - 3
    if stop == closing[0]:
        stop -= 1
    language, code = "", begin
    if _LANGUAGE.fullmatch(text, begin, end):
        language = text[begin:end].strip()
        begin = text.index(language, begin)
        code = end + 1
    elif not text[begin:end].strip():
        begin = code = end + 1
    if not text[code:stop].strip(" " + LINE_BREAK):
        return None
    return Block(begin, stop, "code", language, code)
