"""What the user did to a message and the server has not done yet: the message as it is going to be."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from chat_server.text import fold
from chat_tui.model.message import Delivery, Message, Reaction
from chat_tui.model.own_line import OwnLine


def show_changes(row: Message, lines: Iterable[OwnLine], nicks: Collection[str]) -> Message:
    """The row with these changes on it, oldest first. `nicks` are those that the user goes by.

    A refused reaction marks itself, since the message may be somebody else's; everything else marks the row.
    """
    for line in lines:
        delivery = line.delivery
        reason = row.reason
        match line.kind:
            case "edit":
                if delivery is Delivery.FAILED:
                    reason = f"the change: {line.reason}"
                row = replace(row, text=line.text, is_edited=True, delivery=delivery, reason=reason)
            case "delete":
                if delivery is Delivery.FAILED:
                    reason = f"the deletion: {line.reason}"
                row = replace(
                    row, is_leaving=delivery is not Delivery.FAILED, delivery=delivery, reason=reason
                )
            case "react":
                if delivery is Delivery.FAILED:
                    reason = f"{line.text}: {line.reason}"
                reactions = _react(row.reactions, line.text, delivery, nicks)
                row = replace(row, reactions=reactions, reason=reason)
    return row


def take_off_changes(row: Message) -> Message:
    """The row without their marks; of its text and reactions the caller knows better."""
    return replace(row, delivery=Delivery.SENT, reason="", is_leaving=False)


def _react(
    reactions: tuple[Reaction, ...], emoji: str, delivery: Delivery, nicks: Collection[str]
) -> tuple[Reaction, ...]:
    """The reactions after one more of the user, which takes an equal one back; a refused one changes no count."""
    me = tuple(nicks)[-1:]
    found = next((one for one in reactions if one.emoji == emoji), None)
    if found is None:
        return (*reactions, Reaction(emoji, me, True, delivery))
    if delivery is Delivery.FAILED:
        changed = replace(found, delivery=delivery)
    elif found.is_mine:
        mine = {fold(nick) for nick in nicks}
        others = tuple(nick for nick in found.nicks if fold(nick) not in mine)
        # The last one stays to be seen until it is gone.
        changed = Reaction(emoji, others or found.nicks, False, delivery)
    else:
        changed = Reaction(emoji, (*found.nicks, *me), True, delivery)
    return tuple(changed if one is found else one for one in reactions)
