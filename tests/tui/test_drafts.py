"""What is written and not sent outlives the app, however that ends, and nobody else reads it."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.drafts import Draft, KeptDrafts, Purpose
from chat_tui.kept import KnownServers
from tests.servers import Server, wait_until
from tests.tui.screens import Running, join_games
from tests.tui.terminals import Terminal


class Apps:
    """Apps of one person on one machine."""

    def __init__(self, folder):
        self.folder = folder
        self.known = KnownServers(folder / "known_servers")
        self.running = []

    def start(self, place="den:5000"):
        self.running.append(KeptDrafts(self.folder / "drafts", self.known, place))
        return self.running[-1]

    def kill(self, app):
        """What the system does with the locks of a process that ends."""
        app.close()

    def close(self):
        for app in self.running:
            app.close()

    @property
    def files(self):
        return [path for path in (self.folder / "drafts").glob("*") if path.suffix != ".lock"]


@pytest.fixture
def apps(tmp_path):
    apps = Apps(tmp_path)
    yield apps
    apps.close()


def texts(drafts):
    return {room: draft.text for room, draft in drafts.items()}


def test_what_was_written_is_there_at_the_next_start_and_readable_by_its_owner_only(apps):
    one = apps.start()
    assert one.load() == {}
    assert one.keep({"#lobby": Draft("half a\nthought ✎"), "@bob": Draft("psst"), "#dev": Draft(" ")})
    [file] = apps.files
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    apps.kill(one)
    two = apps.start()
    drafts = two.load()
    assert texts(drafts) == {"#lobby": "half a\nthought ✎", "@bob": "psst"}
    assert drafts["#lobby"].cursor == (1, 9)


def test_what_was_sent_is_gone(apps):
    one = apps.start()
    one.keep({"#lobby": Draft("a thought")})
    one.keep({"#lobby": Draft("")})
    assert apps.files == []
    apps.kill(one)
    assert apps.start().load() == {}


@pytest.mark.parametrize(
    "text",
    ["/nick ann k7mf2-pgh4t", " /nick ann k7mf2", "^/nick ann k7mf2", "look:\n/secret k7mf2", "/enter k7mf2"],
)
def test_no_secret_is_kept(apps, text):
    one = apps.start()
    assert one.keep({"#lobby": Draft("before"), "#dev": Draft(text), "#x": Draft("", unsent=text, walked=1)})
    assert "k7mf2" not in apps.files[0].read_text()


def test_an_answer_and_what_was_put_aside_for_it_come_back(apps):
    one = apps.start()
    reply = Draft("me too", purpose=Purpose("reply", 7, "bob", "tea?"), aside=("half", (0, 4)))
    edit = Draft(
        "as it was", purpose=Purpose("edit", 8, "ann", "as it was"), begun="as it was", aside=("z", (0, 1))
    )
    one.keep({"#lobby": reply, "#dev": edit})
    apps.kill(one)
    drafts = apps.start().load()
    assert (drafts["#lobby"].purpose, drafts["#lobby"].aside) == (reply.purpose, reply.aside)
    assert drafts["#dev"].purpose is None and drafts["#dev"].text == "z", "nothing was changed in it"


def test_two_apps_at_once_leave_each_other_s_drafts_alone(apps):
    one, two = apps.start(), apps.start()
    assert one.load() == two.load() == {}
    one.keep({"#lobby": Draft("of the first")})
    two.keep({"#lobby": Draft("of the second")})
    two.keep({})
    three = apps.start()
    assert three.load() == {}, "the first one runs"
    three.keep({"#dev": Draft("of the third")})
    apps.kill(one)
    apps.kill(three)
    four = apps.start()
    assert texts(four.load()) == {"#lobby": "of the first", "#dev": "of the third"}
    apps.kill(four)
    five = apps.start()
    assert texts(five.load()) == {"#lobby": "of the first", "#dev": "of the third"}, "also if it did nothing"
    assert len(apps.files) == 1


def test_two_drafts_for_one_room_are_both_there(apps):
    one, two = apps.start(), apps.start()
    one.keep({"#lobby": Draft("of the first")})
    two.keep({"#lobby": Draft("of the second")})
    apps.kill(one)
    apps.kill(two)
    assert texts(apps.start().load()) == {"#lobby": "of the first\nof the second"}


def test_each_server_has_its_own_and_is_the_same_once_its_certificate_is_known(apps):
    one = apps.start()
    one.keep({"#lobby": Draft("for den")})
    apps.kill(one)
    assert apps.start("hub:5000").load() == {}
    apps.known.check("den:5000", "SHA256:den")
    assert texts(apps.start().load()) == {"#lobby": "for den"}


def test_a_folder_that_cannot_be_written_costs_only_the_memory(apps):
    (apps.folder / "drafts").write_text("no folder")
    one = apps.start()
    assert one.load() == {} and not one.keep({"#lobby": Draft("a thought")})


def test_a_spoiled_file_costs_only_what_is_spoiled(apps):
    one = apps.start()
    one.keep({"#lobby": Draft("a thought")})
    apps.kill(one)
    [file] = apps.files
    spoiled = '{"room": 3, "text": "x"}\n{"room": "#dev"}\n[]\n"x"\n{"room": "#a", "text": "x", "purpose": [1]}\n{"ro'
    file.write_bytes(spoiled.encode() + b"\xff\n" + file.read_bytes())
    assert texts(apps.start().load()) == {"#lobby": "a thought"}


@given(st.text(), st.text())
def test_whatever_is_written_comes_back_as_it_was(text, aside):
    draft = Draft(text, purpose=Purpose("reply", 1, "bob", aside), aside=(aside, (0, 0)))
    if kept := draft.kept():
        again = Draft.restored(kept)
        assert aside in (again.aside[0], again.text) and (again.purpose is None or again.text == text)


async def test_a_room_with_a_draft_is_marked_while_another_one_is_shown():
    async with Running() as on:
        await join_games(on)
        await on.write("half a thought")
        assert "✎" not in on.text
        await on.press("alt+1")
        assert "#games ✎" in " ".join(on.text.split())
        await on.press("alt+2")
        assert "✎" not in on.text


async def test_a_draft_that_came_back_keeps_nobody_from_the_room_where_he_was_last(apps):
    one = apps.start()
    one.keep({"#lobby": Draft("half a thought")})
    apps.kill(one)
    async with Running(drafts=apps.start(), last_room="#games") as on:
        assert on.composer.text == "half a thought" and on.app.model.is_arriving


async def test_what_is_kept_is_not_asked_about_when_one_leaves(apps):
    async with Running(drafts=apps.start()) as on:
        await on.write("half a thought")
        await on.press("ctrl+q")
        assert "Leave?" not in on.text and not on.app.is_running
    assert texts(apps.start().load()) == {"#lobby": "half a thought"}


async def test_a_secret_is_not_kept_and_so_asked_about(apps):
    async with Running(drafts=apps.start()) as on:
        await on.write("/nick ann k7mf2")
        await on.press("ctrl+q")
        assert "Leave?" in on.text
    assert apps.files == []


def test_drafts_outlive_a_kill(tmp_path):
    server = Server(tmp_path / "data")
    config = tmp_path / "config"

    def is_there(text, files):
        """Whether a file says so; what is painted meanwhile is taken, or the app would wait."""
        terminal.drain(0.05)
        return any(text in path.read_text() for path in config.rglob(files) if not path.suffix)

    def is_kept(text):
        return is_there(text, "drafts/*")

    terminal = Terminal(config, f"127.0.0.1:{server.port}", "--nick", "ann")
    try:
        terminal.wait_for("People 1")
        terminal.write("/join #games\r")
        wait_until(lambda: is_there("#games", "rooms"))
        terminal.write("about games")
        wait_until(lambda: is_kept("about games"))
        terminal.write("\x1b1")
        terminal.wait_for("✎")
        terminal.write("half a thought")
        wait_until(lambda: is_kept("half a thought"))
        terminal.process.kill()
        terminal.process.wait()
        terminal.close()
        terminal = Terminal(config, f"127.0.0.1:{server.port}", "--nick", "ann")
        terminal.wait_for("half a thought")
        terminal.write("\r")
        wait_until(lambda: not is_kept("half a thought"))
        assert is_kept("about games")
    finally:
        terminal.close()
        server.close()
