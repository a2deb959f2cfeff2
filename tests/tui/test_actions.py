"""The one table of actions, and all that is made of it."""

from __future__ import annotations

import inspect

import pytest

from chat_server.wire import COMMANDS
from chat_tui.actions import (
    ACTIONS,
    command_rows,
    key_name,
    key_rows,
    taken_keys,
)
from chat_tui.app import ChatApp
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.row_actions import KEYS, RowActions
from chat_tui.widgets.composer import Composer
from tests.tables import README, with_tables

OWNERS = {"composer": Composer, "row": RowActions, "chat": ChatScreen, "app": ChatApp}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_action_is_a_method_of_its_owner(action):
    name = action.name.partition("(")[0]
    method = getattr(OWNERS[action.of], f"action_{name}", None)
    assert callable(method)
    assert inspect.getdoc(method)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_every_action_is_bound_to_its_keys_with_its_owner(action):
    if action.of == "row":
        assert all(KEYS[key] == action.name for key in action.key_list)
        letters = [key for key in action.key_list if len(key) == 1]
        assert all(KEYS[key.upper()] == action.name for key in letters)
        return
    bound = OWNERS[action.of]._merged_bindings.key_to_bindings
    for key in action.key_list:
        assert [binding.action for binding in bound[key]] == [action.name]


@pytest.mark.parametrize("is_of_the_row", [True, False])
def test_no_key_does_two_things(is_of_the_row):
    # While the cursor is on a message its keys come first; they are a layer of their own.
    keys = [key for action in ACTIONS if (action.of == "row") is is_of_the_row for key in action.key_list]
    assert len(keys) == len(set(keys))


def test_the_input_bar_leaves_the_tables_keys_alone():
    of_others = taken_keys() - {
        key for action in ACTIONS if action.of == "composer" for key in action.key_list
    }
    assert not of_others & set(Composer._merged_bindings.key_to_bindings)


def test_every_action_says_what_it_does_in_one_line():
    for action in ACTIONS:
        assert action.help
        assert len(action.help) <= 90
        assert not action.help.endswith(".")


def test_keys_are_written_as_people_write_them():
    assert key_name("alt+enter") == "Alt-Enter"
    assert key_name("ctrl+k") == "Ctrl-K"
    assert key_name("pageup") == "PgUp"
    assert key_name("f1") == "F1"


def test_help_lists_every_action_and_every_command():
    shown = " ".join(keys for _, keys, _ in key_rows())
    for action in ACTIONS:
        if not action.name.startswith("room("):
            assert action.key_names in shown
    assert [usage.split()[0] for usage, _ in command_rows()] == [f"/{name}" for name in COMMANDS]


def test_the_readmes_tables_are_made_of_these():
    text = README.read_text("utf-8")
    assert text == with_tables(text), "python -m tests.tables writes them anew"
