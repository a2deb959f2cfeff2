"""Makes the README's picture: the real app, told what a server would tell it on a Sunday afternoon.

`python -m tests.picture` writes .github/picture.svg; give another path to have it elsewhere. The lines stand as they do
on the wire, and not in front of a real server: in that one everything would be said in the same minute.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.tui.screens import scripted_app, text_of

PICTURE = Path(__file__).parents[1] / ".github" / "picture.svg"
SIZE = (112, 26)

ARRIVAL = """
    2026-11-22T16:50:00Z welcome chat/1 den epoch=8Kd2 last=1040 line=4096 text=3500 nick=guest-7 room=#lobby tls=yes
    2026-11-22T16:50:00Z nick guest-7 ann
    2026-11-22T16:50:00Z begin history #lobby
    2026-11-22T09:02:00Z topic 1000 #lobby bob: Games night at eight
    2026-11-22T16:31:00Z msg 1001 #lobby Zoë: who is in for *games night*? https://example.org/games
    2026-11-22T16:31:20Z react 1002 #lobby ann ^1001: 🎲
    2026-11-22T16:31:30Z react 1003 #lobby bob ^1001: 🎲
    2026-11-22T16:31:40Z react 1004 #lobby carol ^1001: 🎲
    2026-11-22T16:31:50Z react 1005 #lobby bob ^1001: 🎉
    2026-11-22T16:33:00Z msg 1006 #lobby carol ^1001: me! and there is cake 🍰
    2026-11-22T16:34:00Z msg 1007 #lobby 田中: 今晩行きます, from eight on
    2026-11-22T16:38:00Z msg 1008 #lobby bob: the dice of the bot were not fair, this is better:␤```py␤def roll(sides: int = 6) -> int:␤    return secrets.randbelow(sides) + 1␤```
    2026-11-22T16:38:20Z react 1009 #lobby Zoë ^1008: ❤️
    2026-11-22T16:39:00Z act 1010 #lobby dave: rolls a six, at last
    2026-11-22T16:42:00Z msg 1011 #lobby ann ^1008: `git pull` and it _works_
    2026-11-22T16:50:00Z end history #lobby
    2026-11-22T16:50:00Z begin who #lobby
    2026-11-22T16:50:00Z who #lobby +ann @+bob carol +dave erin ~frank Zoë 田中
    2026-11-22T16:50:00Z end who #lobby
    2026-11-22T16:50:01Z join #games ann
    2026-11-22T16:50:01Z begin who #games
    2026-11-22T16:50:01Z who #games +ann carol Zoë
    2026-11-22T16:50:01Z end who #games
    2026-11-22T16:50:01Z join #ops ann
    2026-11-22T16:50:01Z begin who #ops
    2026-11-22T16:50:01Z who #ops +ann +dave
    2026-11-22T16:50:01Z end who #ops
    2026-11-22T16:50:01Z join #music ann
    2026-11-22T16:50:01Z begin who #music
    2026-11-22T16:50:01Z who #music +ann erin
    2026-11-22T16:50:01Z end who #music
"""  # noqa: E501 - lines as they come
NOW = """
    2026-11-22T16:53:00Z join #lobby greta
    2026-11-22T16:53:10Z join #lobby henry
    2026-11-22T16:55:00Z msg 1020 #lobby bob: ann: do you bring the long box? We need␤  - two decks␤  - somebody who knows the rules
    2026-11-22T16:55:30Z msg 1021 #lobby Zoë: the trick is ||to lose the first round||
    2026-11-22T16:56:00Z msg 1022 #games carol: the table is laid
    2026-11-22T16:56:10Z msg 1023 #games carol: and the lamp is on
    2026-11-22T16:57:00Z msg 1024 #ops dave: ann: backup done in 40 s, the disk is at 70 %
    2026-11-22T16:58:00Z msg 1025 @ann bob: can you bring your charger?
"""  # noqa: E501 - lines as they come


async def picture(path: Path) -> None:
    """Lets them talk, and takes the picture."""
    app, script = scripted_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        script.connect(ARRIVAL)
        await pilot.pause()
        await pilot.press("alt+1")
        script.receive(NOW)
        await pilot.pause()
        await pilot.press(*"bo", "tab", *"yes, and the charger")
        await pilot.pause(0.3)
        assert "@1" in text_of(app), text_of(app)
        path.parent.mkdir(exist_ok=True)
        path.write_text(app.export_screenshot(title="chat-tui den"), "utf-8")


if __name__ == "__main__":
    asyncio.run(picture(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE))
