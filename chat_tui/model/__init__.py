"""Everything the screen shows, as plain data: rooms, rows, people, unread, what is pending.

No Textual and no threads in here. Events of the client go in, `Change`s come out; the wire is sans-IO too:
what is to be sent comes out as a `Send`.
"""

from chat_tui.model.changes import (
    Change,
    CurrentRoomChanged,
    Found,
    FoundMessage,
    HelpWanted,
    HistoryLoaded,
    JumpReady,
    MessageReplaced,
    MessagesAdded,
    MessagesRemoved,
    MessagesReset,
    Notify,
    Outcome,
    PeopleChanged,
    QuitWanted,
    RoomRenamed,
    RoomsChanged,
    SecretProved,
    Send,
    StatusChanged,
)
from chat_tui.model.core import Model, State
from chat_tui.model.message import LOADING, Delivery, Message, MessageKind, Missing, Quoted, Reaction
from chat_tui.model.partners import Partner
from chat_tui.model.room import CROWD, RoomState

__all__ = [
    "CROWD",
    "LOADING",
    "Change",
    "CurrentRoomChanged",
    "Delivery",
    "Found",
    "FoundMessage",
    "HelpWanted",
    "HistoryLoaded",
    "JumpReady",
    "Message",
    "MessageKind",
    "MessageReplaced",
    "MessagesAdded",
    "MessagesRemoved",
    "MessagesReset",
    "Missing",
    "Model",
    "Notify",
    "Outcome",
    "Partner",
    "PeopleChanged",
    "QuitWanted",
    "Quoted",
    "Reaction",
    "RoomRenamed",
    "RoomState",
    "RoomsChanged",
    "SecretProved",
    "Send",
    "State",
    "StatusChanged",
]
