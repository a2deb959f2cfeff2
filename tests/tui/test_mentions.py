"""Who is named in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.text import names


@pytest.mark.parametrize(
    ("text", "nick"),
    [
        ("ann", "ann"),
        ("Ann, look!", "ann"),
        ("hey @ann: look", "ann"),
        ("it is (ann)", "ann"),
        ("ann- wait", "ann"),
        ("—ann—", "ann"),
        ("anna and ann", "ann"),
        ("STRASSE", "straße"),
        ("zoe\u0308!", "Zoë"),
        ("ＡＮＮ", "ann"),
        ("annさん、見て", "ann"),
        ("田中さん、見て", "田中"),
        ("民수 민수야 봐", "민수"),
        ("user_1 is here", "user_1"),
        ("🙂ann🙂", "ann"),
    ],
)
def test_a_nick_is_named_as_a_whole_word(text: str, nick: str) -> None:
    assert names(text, nick)


@pytest.mark.parametrize(
    ("text", "nick"),
    [
        ("anna", "ann"),
        ("joann", "ann"),
        ("ann-marie", "ann"),
        ("mary-ann", "ann"),
        ("ann_", "ann"),
        ("ann2", "ann"),
        ("annë", "ann"),
        ("ann\u0301", "ann"),
        ("田中央", "田中"),
        ("이민수", "민수"),
        ("", "ann"),
        ("anything", ""),
        ("dee", "ann"),
    ],
)
def test_a_part_of_a_word_names_nobody(text: str, nick: str) -> None:
    assert not names(text, nick)


@given(st.text(), st.text(min_size=1))
def test_any_text_and_any_nick_can_be_asked_for(text: str, nick: str) -> None:
    assert names(text, nick) in (True, False)
    assert names(f"{text} {nick} {text}", nick) or not nick.strip()
