"""The chat itself: rooms at the left, the log in the middle, people at the right, the input bar below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import tzinfo

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static, TextArea

from chat_tui.actions import bindings
from chat_tui.model import (
    Change,
    CurrentRoomChanged,
    Found,
    HistoryLoaded,
    JumpReady,
    MessageReplaced,
    MessagesAdded,
    MessagesRemoved,
    MessagesReset,
    Model,
    PeopleChanged,
    RoomRenamed,
    RoomsChanged,
    StatusChanged,
)
from chat_tui.screens.finding import Finding
from chat_tui.screens.frame import Frame
from chat_tui.screens.going import Going
from chat_tui.screens.hints import Hints
from chat_tui.screens.row_actions import RowActions
from chat_tui.screens.saying import Saying
from chat_tui.screens.side_bars import SideBars
from chat_tui.terminal import is_disputed
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.message_log import MessageLog
from chat_tui.widgets.people import PeopleList
from chat_tui.widgets.room_list import RoomList, RoomRow
from chat_tui.widgets.room_logs import RoomLogs
from chat_tui.widgets.status import RoomHeader, StatusLine

SEEN = 200
"""More of the last messages than any terminal shows at once."""


class ChatScreen(Screen[None]):
    """Shows a model; what the user does goes to the model and comes back as changes."""

    AUTO_FOCUS = "#composer"
    BINDINGS = bindings("chat")

    class Ready(Message):
        """Changes can be shown from now on."""

    def __init__(
        self,
        model: Model,
        take: Callable[[Iterable[Change]], None],
        address: str,
        clock: Callable[[], float],
        zone: tzinfo | None,
        redraw: Callable[[], None],
    ) -> None:
        """`take` gets what came of something that the user did, and gives the screen's part of it to `take`. `redraw`
        draws everything on a screen that is wiped."""
        super().__init__()
        self.act = take
        self.model = model
        self.address = address
        self._clock = clock
        self.zone = zone
        self.redraw = redraw
        self.rooms = RoomList()
        self.people = PeopleList()
        self.people_title = Static(Content("People"), classes="side-title")
        self.header = RoomHeader()
        self.logs = RoomLogs(zone, model.rooms.get)
        self.status = StatusLine(zone)
        self.prompt = Static(id="prompt")
        self.saying = Saying(self)
        self.frame = Frame(self)
        self.side_bars = SideBars(self)
        self.going = Going(self)
        self.rows = RowActions(self)
        self.finding = Finding(self)
        self.hints = Hints(self)
        self.purpose = Static(id="purpose")
        self.composer = Composer(
            self.saying.say, self.going.known, first=self._take_key, edit_last=self.rows.edit_last
        )

    def compose(self) -> ComposeResult:
        """Left, middle, right; then the status line and the bar across."""
        with Horizontal(id="main"):
            with Vertical(id="rooms", classes="side"):
                yield self.rooms.title
                yield self.rooms
            with Vertical(id="middle"):
                yield self.header
                yield self.logs
            with Vertical(id="people", classes="side"):
                yield self.people_title
                yield self.people
        yield self.status
        yield self.purpose
        with Horizontal(id="bar"):
            yield self.prompt
            yield self.composer

    def on_mount(self) -> None:
        """Shows what the model has before anything has come."""
        self._show_room()
        self._show_rooms()
        self.frame.show_status()
        self.post_message(self.Ready())

    # What the model says

    def take(self, changes: Iterable[Change]) -> None:
        """Shows changes, in their order. What is about the whole app is not for here."""
        # The lists are drawn once for a batch, however many people came and went in it.
        rooms = people = status = rows = False
        for change in changes:
            match change:
                case MessagesAdded() | MessageReplaced() | MessagesRemoved() | MessagesReset():
                    self.logs.take(change)
                    rows = True
                    rooms = rooms or self.going.has_moved
                case CurrentRoomChanged():
                    self._show_room()
                case RoomRenamed(old, new):
                    self.composer.rename_room(old, new)
                    self.logs.rename(old, new)
                    rooms = True
                case RoomsChanged():
                    rooms = True
                case PeopleChanged(room) if room == self.model.current_room or self.model.current.is_direct:
                    people = True
                case StatusChanged():
                    status = True
                case HistoryLoaded():
                    rooms = True
                    self.finding.take_loaded()
                case Found():
                    self.finding.show(change)
                case JumpReady():
                    self.finding.land(change)
        if rooms:
            self._show_rooms()
        if people:
            self.frame.show_people()
        if status:
            self.frame.show_status()
        if rows:
            # What its keys do may be something else now: it is sent, or loaded.
            self.show_row()

    @property
    def now(self) -> float:
        """Unix seconds, by the app's clock."""
        return self._clock()

    def tick(self) -> None:
        """Moves the countdown, and asks what rooms there are, when it is time to; call it about once a second."""
        self.act(self.model.list_rooms(self._clock()))
        self.act(self.model.ask_for_partner(self._clock()))
        self.hints.tick()
        if self.model.state != "online":
            self.status.show(now=self._clock())

    def _show_room(self) -> None:
        room = self.model.current
        self.composer.show_room(room.name)
        self.logs.show(room.name)
        self.look()
        self._show_rooms()
        self.frame.show_people()
        self.act(self.model.ask_for_partner(self._clock()))

    def _show_rooms(self) -> None:
        model = self.model
        stuck, written = model.stuck_rooms, self.composer.unsent_rooms
        rows = [
            RoomRow(
                room.name,
                number if number < 10 else 0,
                room.unread,
                room.mentions,
                room is model.current,
                room.name in stuck,
                room is not model.current and room.name in written,
            )
            for number, room in enumerate(self.going.in_order(), 1)
        ]
        self.logs.forget_left_rooms()
        self.logs.show_unread_line()
        if self.model.current.is_unseen:
            self.call_after_refresh(self.look)
        self.rooms.set_rows(rows)
        self.rooms.show_current()
        self.going.show_choices()
        self.frame.show_header()
        self.frame.show_place()

    # What is typed

    @on(Composer.Refused)
    def _refuse(self, event: Composer.Refused) -> None:
        self.hint(event.why, is_refusal=True)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self.composer.is_touched and not self.composer.is_empty:
            self.model.stay()
        self.saying.typed()
        self.show_row()

    @on(Composer.PurposeChanged)
    def _show_purpose(self) -> None:
        self.saying.show_purpose()

    @on(Composer.Moved)
    def _completing(self) -> None:
        self.status.show(offered=self.composer.offered)

    @on(Composer.Pasted)
    def _ask_about_paste(self, event: Composer.Pasted) -> None:
        self.saying.ask_about(event)

    def hint(self, text: str, *, is_refusal: bool = False, is_waiting: bool = False) -> None:
        """Says something in the status line, until the next key or for some seconds; if it is waiting for that key, as
        long as that takes."""
        self.hints.say(text, is_refusal=is_refusal, is_waiting=is_waiting)

    def _take_key(self, event: events.Key) -> bool:
        """Any key, before the bar gets it."""
        if event.key != "enter":
            self.saying.doubt()
        self.hints.take_key()
        return self.rows.take_key(event)

    # What is pressed and clicked

    def action_copy_or_clear(self) -> None:
        """Ctrl-C: the selection of the bar, else that of the log, else clears the bar; with nothing there says
        how to leave."""
        selected = self.composer.selected_text or self.get_selected_text()
        if selected:
            self.app.copy_to_clipboard(selected)
            self.clear_selection()
        elif not self.composer.is_empty:
            self.composer.clear_line()
        else:
            self.hint("Ctrl-Q leaves")

    def action_page_up(self) -> None:
        """Scrolls back by a page less one row; at the top asks for what was before."""
        self.logs.page_up()

    def action_page_down(self) -> None:
        """Scrolls forward."""
        self.logs.page_down()

    def action_newest(self) -> None:
        """Esc: an answer or a change that was begun goes first, then the log to its end."""
        if self.composer.cancel():
            return
        self.logs.current.scroll_to_end()
        self.act(self.model.catch_up())

    def action_newest_if_empty(self) -> None:
        """End: in a written line its end, else the newest message."""
        if self.composer.is_empty:
            self.action_newest()
        else:
            self.composer.action_cursor_line_end()

    def action_search(self) -> None:
        """Ctrl-F."""
        self.finding.search()

    def action_mentions(self) -> None:
        """Alt-M."""
        self.finding.mentions()

    def action_cursor_up(self) -> None:
        """Alt-Up: the message above, at first the newest in sight."""
        self.rows.step(-1)

    def action_cursor_down(self) -> None:
        """Alt-Down: the message below."""
        self.rows.step(1)

    def action_room(self, number: int) -> None:
        """Alt-1 … Alt-9."""
        self.going.to_number(number)

    def action_next_room(self) -> None:
        """The room below, around the end."""
        self.going.step(1)

    def action_previous_room(self) -> None:
        """The room above."""
        self.going.step(-1)

    def action_next_unread(self) -> None:
        """The room that mentions one, else the next with something unread."""
        if not self.going.to_unread():
            self.hint("Nothing unread")

    def action_toggle_rooms(self) -> None:
        """F7."""
        self.side_bars.toggle_rooms()

    def action_toggle_people(self) -> None:
        """F8."""
        self.side_bars.toggle_people()

    def action_switcher(self) -> None:
        """Ctrl-K."""
        self.going.ask()

    @on(RoomList.Chosen, "#room-list")
    def _room_clicked(self, event: RoomList.Chosen) -> None:
        self.going.to(event.name)

    @on(PeopleList.Chosen, "#people-list")
    def _person_clicked(self, event: PeopleList.Chosen) -> None:
        self.composer.say_to(event.name)

    @on(MessageLog.MessageClicked)
    def _message_clicked(self, event: MessageLog.MessageClicked) -> None:
        if event.message_log is not self.logs.current:
            return
        if event.link is not None:
            self.rows.open_link(event.link)
        else:
            self.rows.put_on(event.key)

    @on(MessageLog.MessageAction)
    def _part_clicked(self, event: MessageLog.MessageAction) -> None:
        message = next((row for row in self.model.current.messages if row.key == event.key), None)
        match event.action:
            case "react" if message is not None and message.id is not None:
                self.rows.toggle(message.id, event.value)
            case "jump":
                self.act(self.model.jump_to(self.model.current_room, int(event.value)))
            case "load":
                self.finding.load_gap(event.value)

    @property
    def is_at_end(self) -> bool:
        """Whether the newest message of the room is in sight."""
        if self.finding.is_landing:
            return False
        return self.logs.shown is None or self.logs.shown.following

    @property
    def is_line_in_sight(self) -> bool:
        """Whether one sees where the unread of the room begins."""
        if self.logs.shown is None or self.finding.is_landing:
            return False
        return self.logs.shown.shows_unread_line

    @on(RoomLogs.Followed)
    def look(self) -> None:
        """Tells the model what is in sight."""
        self.act(self.model.look(self.app.app_focus, self.is_at_end, self.is_line_in_sight))
        self.frame.show_place()

    @on(RoomLogs.CursorMoved)
    def show_row(self) -> None:
        """Says in the status line what is under the cursor."""
        self.status.show(row=self.rows.described())

    @on(RoomLogs.TopReached)
    def _top_reached(self) -> None:
        self.finding.load_older()

    @on(RoomLogs.GapsNear)
    def _gaps_near(self, event: RoomLogs.GapsNear) -> None:
        self.finding.fill_gaps(event.keys)

    @on(RoomLogs.Short)
    def _page_is_short(self) -> None:
        self.act(self.model.fill(self.model.current_room))

    @on(MessageLog.NewBelow)
    def _new_below(self, event: MessageLog.NewBelow) -> None:
        if event.message_log is self.logs.current:
            self.frame.show_place()

    def on_resize(self, event: events.Resize) -> None:
        """Folds what there is no room for."""
        self.side_bars.fold(event.size.width)

    def on_screen_resume(self) -> None:
        """A page was closed: on with typing. What it leaves in the cells that a row does not reach is wiped away."""
        self.composer.focus()
        log = self.logs.shown
        if log is None:
            return
        if not log.following or any(is_disputed(row.text) or row.reactions for row in log.messages[-SEEN:]):
            self.redraw()
