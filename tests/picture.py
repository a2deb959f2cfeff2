"""Makes the README's picture: the real app in front of a real server, with real people in it.

`python -m tests.picture` writes .github/picture.svg; give another path to have it elsewhere.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from chat_tui.app import ChatApp
from chat_tui.settings import Settings
from tests.servers import Person, Server
from tests.tui.screens import text_of

PICTURE = Path(__file__).parents[1] / ".github" / "picture.svg"
SIZE = (110, 26)

BEFORE = (
    ("bob", "morning all"),
    ("Zoë", "hello from the train 🚆 back by noon"),
    ("田中", "おはよう！ the new build is up, please try it"),
    ("bob", "👍 works here, notes are at https://example.org/notes/47"),
    ("carol", "/me makes coffee"),
    ("dave", "the standup moved to 10, same room"),
)
NOW = (
    ("Zoë", "who is in for games night? I bring the long box"),
    ("carol", "me! and there is cake"),
    ("bob", "ann: you too? we start at eight␤  - dice␤  - two decks␤  - somebody who knows the rules"),
)
ELSEWHERE = (
    ("dave", "#ops", "backup done in 40 s"),
    ("dave", "#ops", "ann: the disk is at 70 %, nothing to worry about"),
    ("carol", "#games", "the table is laid"),
    ("carol", "#games", "and the lamp is on"),
)


async def picture(path: Path) -> None:
    """Lets them talk, and takes the picture."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "data"), "--rate", "0", "--name", "den")
        try:
            people = {nick: server.connect(nick) for nick in ("carol", "田中", "dave")}
            for nick in ("bob", "Zoë"):
                people[nick] = server.connect()
                people[nick].send(f"/nick {nick} a-secret-for-the-picture")
                people[nick].expect(f"nick \\S+ {nick}$")
            for room, nick in (("#ops", "dave"), ("#games", "carol")):
                people[nick].send(f"/join {room}")
                people[nick].send("/join #lobby")
                people[nick].sync()
            _say(people, BEFORE)
            app = ChatApp("localhost", server.port, "ann", settings=Settings())
            async with app.run_test(size=SIZE) as pilot:

                async def until(*texts: str) -> None:
                    for _ in range(500):
                        await pilot.pause(0.02)
                        if all(text in text_of(app) for text in texts):
                            return
                    raise AssertionError(f"{texts} never came to be on\n{text_of(app)}")

                await until("ann ›", "standup")
                for line in ("/join #ops", "/join #games", "/msg @bob do you have my charger?"):
                    app.screen.query_one("#composer").insert(line)  # type: ignore[attr-defined]
                    await pilot.press("enter")
                    await until(line.split()[1])
                await pilot.press("alt+1")
                await asyncio.to_thread(_say, people, NOW[:2])
                await until("cake")
                await pilot.press(*"count me in", "enter")
                await until("count me in")
                await asyncio.to_thread(_say, people, NOW[2:])
                for nick, room, text in ELSEWHERE:
                    people[nick].send(f"/msg {room} {text}")
                people["bob"].send("/msg @ann I do, it is in the bag")
                await until("@1", "rules")
                await pilot.press(*"Zo", "tab", *"keep me a seat, I am on my way")
                await pilot.pause(0.3)
                path.parent.mkdir(exist_ok=True)
                path.write_text(app.export_screenshot(title="chat-tui den"), "utf-8")
        finally:
            server.close()


def _say(people: dict[str, Person], lines: tuple[tuple[str, str], ...]) -> None:
    for nick, text in lines:
        people[nick].send(text)
        people[nick].sync()


if __name__ == "__main__":
    asyncio.run(picture(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE))
