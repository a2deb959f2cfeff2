"""Writes the README's tables of keys and commands anew, from the tables they are made of: `python -m tests.tables`."""

from __future__ import annotations

import re
from pathlib import Path

from chat_tui.actions import render_commands, render_keys

README = Path(__file__).parents[1] / "README.md"


def with_tables(text: str) -> str:
    """The README's text with what stands between <!-- keys --> … <!-- /keys --> and the like made anew."""
    for word, table in (("keys", render_keys()), ("commands", render_commands())):
        text, count = re.subn(
            rf"(<!-- {word} -->\n).*?(\n<!-- /{word} -->)",
            lambda found, table=table: f"{found[1]}{table}{found[2]}",
            text,
            flags=re.DOTALL,
        )
        if count != 1:
            raise ValueError(f"the README has no <!-- {word} --> … <!-- /{word} -->")
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
