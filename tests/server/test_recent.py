"""What is shown to who joins: the last of a room, once, and no memory for rooms where nobody is."""

from __future__ import annotations

from collections.abc import Callable

from chat_server.log import Reader
from chat_server.recent import Recent
from chat_server.wire import Entry, encode, parse_client
from tests.server.letters import Chat


def entry(id: int, kind: str = "msg", ref: int | None = None) -> Entry:
    return Entry(1_795_366_380, kind, id, "#lobby", "ann", "x", ref)  # type: ignore[arg-type]


def test_the_last_messages_are_kept_with_what_changes_them() -> None:
    recent = Recent(2)
    recent.keep(entry(1), b"one\n")
    recent.keep(entry(2), b"two\n")
    recent.keep(entry(3, "react", 2), b"react\n")
    assert recent.within(1000) == b"one\ntwo\nreact\n"
    recent.keep(entry(4), b"four\n")
    assert recent.within(1000) == b"two\nreact\nfour\n"


def test_what_was_deleted_is_not_shown_and_makes_no_room_for_older() -> None:
    recent = Recent(2)
    recent.keep(entry(1), b"one\n")
    recent.keep(entry(2, "edit", 1), b"edit\n")
    recent.keep(entry(3), b"three\n")
    recent.keep(entry(4, "delete", 1), b"delete\n")
    assert recent.within(1000) == b"three\ndelete\n"
    recent.keep(entry(5), b"five\n")
    assert recent.within(1000) == b"three\ndelete\nfive\n"


def test_a_reply_to_what_was_deleted_is_still_shown() -> None:
    recent = Recent(5)
    recent.keep(entry(1), b"one\n")
    recent.keep(entry(2, "msg", 1), b"reply\n")
    recent.keep(entry(3, "delete", 1), b"delete\n")
    assert recent.within(1000) == b"reply\ndelete\n"


def test_an_edit_that_came_after_the_delete_is_not_shown() -> None:
    recent = Recent(5)
    recent.keep(entry(1), b"one\n")
    recent.keep(entry(2, "delete", 1), b"delete\n")
    recent.keep(entry(3, "edit", 1), b"edit\n")
    recent.keep(entry(4, "msg", 1), b"reply\n")
    assert recent.within(1000) == b"delete\nreply\n"


def test_who_joins_is_shown_what_history_shows(chat: Chat) -> None:
    ann = chat.enter("ann")
    ann.types("one", "/reply 1 to one", "three", "/react 2 👍", "/edit 3 drei", "/delete 1", "/reply 2 more")
    newcomer = chat.enter().welcome
    shown = newcomer[newcomer.index("begin history #lobby") + 1 : newcomer.index("end history #lobby")]
    page = chat.log.before(None, "#lobby", Reader("", frozenset({"#lobby"})), 20)
    assert sorted(shown) == sorted(encode(entry).decode().strip().partition(" ")[2] for entry in page.entries)


def test_a_message_that_everybody_reacts_to_does_not_fill_the_memory() -> None:
    recent = Recent(5)
    recent.keep(entry(1), b"one\n")
    for id in range(2, 1_000):
        recent.keep(entry(id, "react", 1), b"react\n")
    assert len(recent.within(1e9).splitlines()) == 20


def test_only_the_newest_that_fit_are_shown() -> None:
    recent = Recent(5)
    for id, line in enumerate((b"one\n", b"two\n", b"three\n"), 1):
        recent.keep(entry(id), line)
    assert recent.within(10) == b"two\nthree\n"


def test_a_room_that_everybody_left_is_not_kept_in_memory_and_shown_to_who_comes_next(
    chat: Chat,
) -> None:
    ann = chat.enter("ann")
    ann.types("/join #games", "hi", "/part #games")
    assert chat.hub.presence.rooms["#games"].recent.within(1000) == b""
    assert "msg 1 #games ann: hi" in ann.types("/join #games")


def test_what_is_stored_but_not_yet_heard_comes_once_to_who_joins_meanwhile(
    open_chat: Callable[..., Chat],
) -> None:
    chat = open_chat()
    ann = chat.enter("ann")
    ann.types("/join #games", "/part #lobby", "first words")
    bob = chat.enter("bob")
    chat.stores = False
    ann.types("last words")
    chat.hub.disconnect(ann.session, "")
    batch = chat.waiting.pop(0)
    while not batch:
        batch = chat.waiting.pop(0)
    chat.log.append([draft for draft, _ in batch])
    assert bob.session.gate.acquire(blocking=False)
    # The log has it, and the hub's inbox; before that is looked into somebody comes.
    chat.hub.take_lines(bob.session, [parse_client("/join #games")])
    chat.hub.turn()
    assert [line for line in bob.hears() if "last words" in line] == ["msg 2 #games ann: last words"]
