"""Two devices of one person that do the same at the same moment, and reactions that are the same."""

from __future__ import annotations

from dataclasses import replace

from chat_server.about import About, look_up
from chat_server.log import Draft
from chat_server.reader import read_line
from chat_server.wire import Command
from tests.server.letters import Chat, Guest


def about(guest: Guest, text: str, emoji: str = "") -> About:
    """A line about an entry, looked up before the other device has done anything."""
    line = read_line(text, guest.chat.hub.limits)
    assert isinstance(line, Command)
    return About(line, guest.chat.log.find(int(line.arguments[0] or "")), emoji)


def two_of_ann(chat: Chat) -> tuple[Guest, Guest]:
    """A phone and a laptop."""
    phone, laptop = chat.enter(), chat.enter()
    claim = phone.claims("ann")
    chat.hub.presence.identify(laptop.session, claim, [], "")
    phone.types("hello")
    phone.hears(), laptop.hears()
    return phone, laptop


def test_two_devices_that_react_at_once_react_once_and_both_are_told_so(chat: Chat) -> None:
    phone, laptop = two_of_ann(chat)
    lines = [about(phone, "/id p-1 /react 1 👍", "👍"), about(laptop, "/id l-1 /react 1 👍", "👍")]
    assert phone.hands_over([lines[0]]) == ["react 2 #lobby ann ^1: 👍", "ok p-1 2"]
    assert laptop.hears() == ["react 2 #lobby ann ^1: 👍"]
    assert laptop.hands_over([lines[1]]) == ["ok l-1 2"]
    assert phone.hears() == []
    # The answer was lost, and the line comes again, when it would take the reaction back.
    again = About(lines[1].line, chat.log.find(1), "👍", in_force=("👍",))
    assert laptop.hands_over([again]) == ["ok l-1 2"]
    assert phone.types("next") == ["msg 3 #lobby ann: next"]


def test_two_devices_that_delete_a_message_at_once_delete_it_once(chat: Chat) -> None:
    phone, laptop = two_of_ann(chat)
    lines = [about(phone, "/id p-1 /delete 1"), about(laptop, "/id l-1 /delete 1")]
    assert phone.hands_over([lines[0]]) == ["delete 2 #lobby ann ^1:", "ok p-1 2"]
    assert laptop.hands_over([lines[1]]) == ["delete 2 #lobby ann ^1:", "ok l-1 2"]
    # Asked again, the message is not there any more; the label says what became of it.
    assert laptop.hands_over([about(laptop, "/id l-1 /delete 1")]) == ["ok l-1 2"]


def test_a_reaction_that_was_stored_in_another_form_of_its_emoji_is_taken_back_with_it(chat: Chat) -> None:
    """As servers did that took the forms for two emoji."""
    phone, laptop = two_of_ann(chat)
    author = phone.session.person.identity
    chat.log.append(
        [Draft(chat.hub.now(), "react", "#lobby", "ann", form, author, 1) for form in ("❤", "❤\ufe0f")]
    )
    chat.turn()
    laptop.hears(), phone.hears()
    line = read_line("/id p-1 /react 1 :heart:", chat.hub.limits)
    assert isinstance(line, Command)
    assert phone.hands_over([look_up(chat.log, phone.session, line)]) == [
        "unreact 4 #lobby ann ^1: ❤",
        "unreact 5 #lobby ann ^1: ❤\ufe0f",
        "ok p-1 5",
    ]
    assert phone.hands_over([look_up(chat.log, phone.session, replace(line, label="p-2"))]) == [
        "react 6 #lobby ann ^1: ❤\ufe0f",
        "ok p-2 6",
    ]


def test_what_was_looked_up_before_a_guest_claimed_his_name_is_still_his(chat: Chat) -> None:
    """The hub knows at once whose it is; the log some moments later."""
    ann, bob = chat.enter("ann"), chat.enter("bob")
    ann.types("hello")
    before = ann.session.person.identity
    chat.log.append(
        [Draft(chat.hub.now(), "msg", "@ann", "bob", "psst", bob.session.person.identity, peer=before)]
    )
    chat.turn()
    lines = [about(ann, "/edit 1 hello, all"), about(bob, "/edit 2 psst!")]
    claim = ann.claims("ann")
    chat.hub.names.adopt(before, claim.identity)
    assert ann.hands_over(lines[:1]) == ["edit 3 #lobby ann ^1: hello, all"]
    bob.hands_over(lines[1:])
    assert ann.hears() == ["edit 4 @ann bob ^2: psst!"]
    edited = chat.log.find(4)
    assert edited is not None and edited.peer == claim.identity
