"""What becomes of the nick that the user wishes for. He is told in one row, of what he is called in the end."""

from __future__ import annotations

from chat_server import wire
from chat_tui.model.asked import Question
from chat_tui.model.changes import Change, SecretProved, StatusChanged
from chat_tui.model.identity import told
from chat_tui.model.marks import Marks
from chat_tui.model.session import Session


class Naming:
    """Takes the answers to /nick, and what the server calls the user."""

    def __init__(self, session: Session, marks: Marks) -> None:
        self._session = session
        self._marks = marks
        self._before: str | None = None
        """What the user was called when he asked; None if he is called so still. Who proves another name of his is a
        guest in between."""
        self._is_back = False
        """This login has taken him to where he was last, so the name was his own before."""

    def come_back(self) -> None:
        """The login takes the user to where he was last."""
        self._is_back = True

    def lose(self) -> None:
        """The connection is gone."""
        self._before, self._is_back = None, False

    def rename(self, line: wire.Nick) -> list[Change]:
        """The server calls the user otherwise."""
        session = self._session
        identity = session.identity
        identity.nick = line.new
        changes = session.entries.call(line.new)
        question = session.asked.find("nick")
        if question is not None:
            # Told with the `ok`: another one may follow.
            self._before = self._before or line.old
            identity.wished = line.new if question.is_typed else identity.wished
        elif line.old != line.new and not identity.is_as_wished:
            changes += session.note(f"You are {line.new} now", at=line.at)
        return [*changes, StatusChanged()]

    def take(self, question: Question, at: int) -> list[Change]:
        """The server has taken a nick; `at` is when (Unix seconds)."""
        session = self._session
        identity = session.identity
        nick, secret = question.argument, question.arguments[1]
        is_new = secret is not None and not self._is_back and identity.secret is None
        is_other = self._before not in (None, identity.nick)
        was_other = question.is_typed or identity.was_refused
        # Where he is now, if the login has taken him elsewhere.
        room = question.room if question.is_typed and not self._is_back else ""
        self.lose()
        session.outgoing.prove(secret is not None, was_other=was_other)
        identity.settle()
        identity.take(nick, secret)
        if question.is_typed:
            session.rooms.stay()
            identity.wished = nick
        changes: list[Change] = []
        if is_new or (is_other and was_other):
            own = ". The name is yours: this device keeps its secret" if is_new else ""
            changes += session.note(f"You are {identity.nick} now{own}", room=room, at=at)
        if secret is not None:
            changes += self._marks.prove()
            changes += [SecretProved(nick, secret)] if question.is_typed else []
        return changes

    def refuse(self, question: Question, line: wire.Err) -> list[Change]:
        """The server has not."""
        session = self._session
        identity = session.identity
        self.lose()
        if question.is_typed:
            session.rooms.stay()
            return session.note(told(line.code, line.text), "error", room=question.room, at=line.at)
        is_first = not identity.was_refused
        now = session.clock()
        identity.refuse(line.code, now)
        if line.code == "need-tls":
            return session.wish(now)
        if is_first and line.code == "not-allowed":
            why = f"{question.argument} is not your own yet: {line.text}"
            return session.note(why, "error", at=line.at) + session.wish(now)
        changes = session.entries.call(identity.nick)
        if is_first:
            changes += session.note(told(line.code, line.text), "error", at=line.at)
        return changes
