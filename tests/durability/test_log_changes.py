"""What every engine of the log keeps of edits, deletes and reactions, and what it counts as unread."""

import pytest

from chat_server.config import Limits
from chat_server.log import Draft, Log, UnreadCount, postings
from chat_server.wire import Entry
from tests.durability.engines import EVERYTHING, Engine, about, ids, reads, said, texts, told

# --- edits, deletes, reactions ----------------------------------------------------------------------------


def shown(log: Log, limit: int = EVERYTHING, id: int | None = None) -> list[tuple[int, str, str]]:
    """What a page of the lobby shows."""
    return [
        (entry.id, entry.kind, entry.text)
        for entry in log.before(id, "#lobby", reads("p1", "#lobby"), limit).entries
    ]


def test_an_entry_is_found_by_its_id_with_the_people_behind_it(log: Log) -> None:
    stored = log.append([said("a"), told("psst", "p1", "p2"), said("c", "#den")])
    assert [log.find(id) for id in (1, 2, 3)] == stored
    assert [log.find(id) for id in (0, 4, -1, 2**62)] == [None] * 4


def test_what_retention_removed_is_not_found(log: Log) -> None:
    log.append([said("a"), said("b")])
    log.forget_before(2000, 1)
    assert log.find(1) is None and log.find(2) is not None


def test_a_deleted_text_is_gone_with_its_edits_and_reactions_and_the_delete_is_told(log: Log) -> None:
    log.append([said("secret"), said("else"), about(1, "edit", "secrets"), about(1, "react", "👍")])
    (deleted,) = log.append([about(1, "delete")])
    assert log.after(0, reads("p1", "#lobby"), EVERYTHING).entries == [
        Entry(1000, "msg", 2, "#lobby", "ann", "else"),
        deleted.entry,
    ]
    assert [log.find(id) for id in (1, 3, 4)] == [None] * 3
    assert not log.has_reacted(1, "p1", "👍")
    assert log.position().last == 5


def test_a_delete_lasts_and_reaches_what_came_in_the_same_batch(engines: Engine) -> None:
    engines.log.append(
        [said("secret"), about(1, "delete"), about(1, "edit", "again"), about(1, "react", "👍")]
    )
    log = engines.reopen()
    assert texts(log.after(0, reads("p1", "#lobby"), EVERYTHING).entries) == [""]


def test_an_edit_or_a_reaction_that_comes_after_the_delete_leaves_no_text(log: Log) -> None:
    log.append([said("secret"), about(1, "delete")])
    late = log.append([about(1, "edit", "the secret"), about(1, "react", "👍"), about(1, "unreact", "👍")])
    assert [one.entry.id for one in late] == [3, 4, 5]
    assert ids(log.after(0, reads("p1", "#lobby"), EVERYTHING).entries) == [2]
    assert shown(log) == [(2, "delete", "")]
    assert log.find(3) is None and not log.has_reacted(1, "p1", "👍")


def test_a_delete_reaches_nothing_in_another_conversation(log: Log) -> None:
    log.append([said("mine", "#den"), told("psst", "p2", "p3")])
    log.append([about(1, "delete"), about(2, "delete"), about(9, "delete")])
    assert [log.find(1) is None, log.find(2) is None] == [False, False]


def test_an_answer_stays_when_what_it_answers_is_deleted(log: Log) -> None:
    log.append([said("what?"), said("that", ref=1), about(1, "delete")])
    assert shown(log) == [(2, "msg", "that"), (3, "delete", "")]


def test_a_topic_that_was_taken_away_is_not_taken_for_deleted(log: Log) -> None:
    log.append([Draft(1, "topic", "#lobby", "ann", "t", "p1"), Draft(2, "topic", "#lobby", "ann", "", "p1")])
    assert shown(log) == [(1, "topic", "t"), (2, "topic", "")]
    assert log.find(2) is not None


def test_a_deleted_topic_is_shown_nowhere_and_taken_for_a_deleted_message(engines: Engine) -> None:
    engines.log.append([said("wrong", kind="topic", label="l1"), said("a"), said("right", kind="topic")])
    engines.log.append([about(1, "delete")])
    log = engines.reopen()
    assert shown(log) == [(2, "msg", "a"), (3, "topic", "right"), (4, "delete", "")]
    assert ids(log.after(0, reads("p1", "#lobby"), EVERYTHING).entries) == [2, 3, 4]
    assert log.find(1) is None and log.labelled("p1", "l1") == 1
    assert [room.topic for room in log.rooms()] == ["right"]


def test_a_reaction_is_in_force_until_it_is_taken_back(log: Log) -> None:
    log.append([said("a"), about(1, "react", "👍"), about(1, "react", "🎉"), about(1, "react", "👍", "p2")])
    assert log.has_reacted(1, "p1", "👍") and log.has_reacted(1, "p2", "👍")
    log.append([about(1, "unreact", "👍")])
    assert not log.has_reacted(1, "p1", "👍")
    assert log.has_reacted(1, "p1", "🎉") and log.has_reacted(1, "p2", "👍")
    log.append([about(1, "react", "👍")])
    assert log.has_reacted(1, "p1", "👍")
    assert not log.has_reacted(2, "p1", "👍") and not log.has_reacted(1, "p3", "👍")


def test_a_page_counts_messages_and_brings_what_holds_of_them_from_wherever_it_is(log: Log) -> None:
    log.append([said("1"), said("2"), said("3")])
    log.append(
        [about(2, "edit", "two"), about(2, "edit", "TWO"), about(2, "react", "👍"), about(1, "react", "👍")]
    )
    log.append(
        [about(2, "react", "👍", "p2"), about(2, "unreact", "👍"), said("10"), about(2, "react", "🎉")]
    )
    page = [(2, "msg", "2"), (3, "msg", "3"), (5, "edit", "TWO"), (8, "react", "👍"), (11, "react", "🎉")]
    assert shown(log, 2, id=4) == page
    assert [id for id, _, _ in shown(log, 1)] == [10]
    assert log.before(4, "#lobby", reads("p1", "#lobby"), 2).has_more
    assert not log.before(4, "#lobby", reads("p1", "#lobby"), 3).has_more


def test_a_page_tells_the_deletes_of_what_is_missing_in_it(log: Log) -> None:
    log.append([said(str(n)) for n in range(1, 7)])
    log.append([about(2, "delete"), about(4, "delete"), about(6, "delete")])
    assert shown(log, 2, id=6) == [(3, "msg", "3"), (5, "msg", "5"), (8, "delete", "")]
    assert shown(log, 1, id=4) == [(3, "msg", "3")]
    assert [id for id, _, _ in shown(log)] == [1, 3, 5, 7, 8, 9]


def test_a_page_takes_nothing_from_other_conversations_that_claims_to_be_about_it(log: Log) -> None:
    log.append(
        [said("mine"), about(1, "edit", "not here", room="#den"), about(1, "react", "👍", room="#den")]
    )
    assert shown(log) == [(1, "msg", "mine")]


def test_resent_deleted_lines_have_their_id_and_store_nothing(log: Log) -> None:
    log.append([said("secret", label="l1")])
    log.append([about(1, "delete")])
    (again,) = log.append([said("secret", label="l1")])
    assert (again.entry.id, again.is_new) == (1, False)
    assert log.find(1) is None


# --- decided twice ----------------------------------------------------------------------------------------


def test_a_reaction_that_is_in_force_is_not_stored_again_and_its_label_finds_it_for_ever(
    engines: Engine,
) -> None:
    engines.log.append([said("a"), about(1, "react", "👍", label="phone")])
    (again,) = engines.log.append([about(1, "react", "👍", label="laptop")])
    assert (again.entry.id, again.is_new) == (2, False)
    log = engines.reopen()
    assert log.labelled("p1", "laptop") == 2 and log.position().last == 2
    # The laptop knows of no answer, and asks what it takes for the opposite.
    (resent,) = log.append([about(1, "unreact", "👍", label="laptop")])
    assert (resent.entry.id, resent.entry.kind, resent.is_new) == (2, "react", False)
    assert log.has_reacted(1, "p1", "👍")


def test_of_two_reactions_in_one_batch_one_is_stored_and_both_have_its_id(log: Log) -> None:
    seen: list[int] = []
    log.follow(lambda batch: seen.extend(one.entry.id for one in batch))
    stored = log.append(
        [
            said("a"),
            about(1, "react", "👍", label="phone"),
            said("b"),
            about(1, "react", "👍", label="laptop"),
            about(1, "react", "👍", author="p2"),
            about(1, "react", "🎉"),
        ]
    )
    assert [(one.entry.id, one.is_new) for one in stored] == [
        (1, True),
        (2, True),
        (3, True),
        (2, False),
        (4, True),
        (5, True),
    ]
    assert seen == [1, 2, 3, 4, 5]
    assert log.labelled("p1", "phone") == log.labelled("p1", "laptop") == 2


def test_a_reaction_that_is_taken_back_twice_is_taken_back_once_and_can_be_made_again(log: Log) -> None:
    log.append([said("a"), about(1, "react", "👍")])
    taken = log.append([about(1, "unreact", "👍"), about(1, "unreact", "👍", label="l1")])
    assert [(one.entry.id, one.is_new) for one in taken] == [(3, True), (3, False)]
    made = log.append([about(1, "react", "👍"), about(1, "unreact", "👍"), about(1, "react", "👍")])
    assert [one.entry.id for one in made] == [4, 5, 6]
    assert log.has_reacted(1, "p1", "👍")


def test_a_message_is_deleted_once(log: Log) -> None:
    log.append([said("a"), told("b", "p1", "p2")])
    direct = [Draft(1000, "delete", "@bob", "ann", "", "p1", 2, "p2", label) for label in ("l1", "l2")]
    first = log.append([about(1, "delete"), about(1, "delete", label="l3"), *direct])
    assert [(one.entry.id, one.is_new) for one in first] == [(3, True), (3, False), (4, True), (4, False)]
    (later,) = log.append([about(1, "delete", label="l4")])
    assert (later.entry.id, later.is_new) == (3, False)
    assert [log.labelled("p1", label) for label in ("l2", "l3", "l4")] == [4, 3, 3]


def test_labels_of_what_was_decided_before_are_forgotten_as_all_labels(engines: Engine) -> None:
    engines.log.append([said("a"), about(1, "react", "👍", label="l1")])
    engines.log.append([about(1, "react", "👍", label="l2")])
    late = 2000 + Limits().label_seconds
    engines.log.append([said("b", at=late, label="l3")])
    engines.log.append([said("c", at=late)])
    assert [engines.log.labelled("p1", label) for label in ("l1", "l2", "l3")] == [None, None, 3]


# --- unread -----------------------------------------------------------------------------------------------


def test_unread_counts_what_others_said_since_the_mark(log: Log) -> None:
    log.append([said(str(n), author="p2", at=n) for n in range(1, 11)])
    log.append([said("mine", author="p1"), said("other", "#den", "p2", at=50), said("closed", "#shut", "p2")])
    reader = reads("p1", "#lobby", "#den", "#quiet")
    assert sorted(log.unread(reader, {"#lobby": 4}, "p1", []), key=lambda one: one.target) == [
        UnreadCount("#den", "", 1, 0, 12, 50),
        UnreadCount("#lobby", "", 6, 0, 5, 5),
    ]
    assert log.unread(reader, {"#lobby": 10, "#den": 12}, "p1", []) == []


def test_only_messages_that_are_still_there_are_unread(log: Log) -> None:
    log.append([said("a", author="p2"), said("b", author="p2"), said("waves", author="p2", kind="act")])
    log.append([about(1, "delete", "", "p2"), about(2, "edit", "B", "p2"), about(2, "react", "👍", "p2")])
    log.append([said("t", author="p2", kind="topic")])
    assert log.unread(reads("p1", "#lobby"), {}, "p1", []) == [UnreadCount("#lobby", "", 2, 0, 2, 1000)]


def test_a_mention_is_a_whole_word_in_whatever_case(log: Log) -> None:
    spoken = ["hi Ann!", "ANN: look", "anna", "banned", "@zoë?", "zoe", "ann-marie", "annさん", "ann ann ann"]
    spoken += ["ＡＮＮ", "ZOË"]
    log.append([said(text, author="p2") for text in spoken])
    assert [one.mentions for one in log.unread(reads("p1", "#lobby"), {}, "p1", ["ann", "Zoë"])] == [7]
    assert [one.mentions for one in log.unread(reads("p1", "#lobby"), {}, "p1", [])] == [0]


@pytest.mark.parametrize("indexed", ["nothing", "the older half", "all"])
def test_who_is_named_among_many_messages_is_counted_from_the_index_and_beside_it(
    log: Log, monkeypatch: pytest.MonkeyPatch, indexed: str
) -> None:
    monkeypatch.setattr(postings, "BLOCK", 16)
    named = ["hi Ann!", "ANN: look", "annさん", "ann ann ann", "ＡＮＮ", "@zoë?", "ZOË", "さんal", "al?"]
    others = ["anna", "banned", "ann-marie", "zoe", "also", "al_x", "", "an n", "東京"]
    texts = [f"{said} {n}" for n in range(20) for said in [*named, *others]]
    halves = len(texts) // 2
    for start in (0, halves):
        log.append([said(text, author="p2") for text in texts[start : start + halves]])
        log.append([said(text, "#den", "p2") for text in texts[start : start + halves]])
        while (indexed == "all" or (indexed == "the older half" and not start)) and log.index_some(
            lambda: False
        ):
            pass
    log.append([about(1, "delete", "", "p2"), about(2, "edit", "ann", "p2"), said("ann", author="p1")])
    called = ["Ann", "ann", "Zoë", "AL"]
    both = reads("p1", "#lobby", "#den")
    counts = {one.target: (one.count, one.mentions) for one in log.unread(both, {"#den": 2}, "p1", called)}
    assert counts == {"#lobby": (359, 179), "#den": (360, 180)}
    # From the second text of the second half on.
    (late,) = log.unread(both, {"#lobby": 361}, "p1", called, "#lobby")
    assert (late.count, late.mentions, late.first) == (179, 89, 362)


def test_one_conversation_can_be_counted_alone(log: Log) -> None:
    log.append([said("a", author="p2"), said("b", "#den", "p2"), told("psst", "p2", "p1")])
    reader = reads("p1", "#lobby")
    assert [one.target for one in log.unread(reader, {}, "p1", [], "#lobby")] == ["#lobby"]
    assert [one.target for one in log.unread(reader, {}, "p1", [], "@p2")] == ["@p2"]
    for hidden in ("#den", "@p3", "p1 p2", "@"):
        assert log.unread(reader, {}, "p1", [], hidden) == []


def test_direct_conversations_without_a_mark_have_that_of_all(log: Log) -> None:
    log.append([told("old", "p2", "p1"), told("new", "p3", "p1"), said("a", author="p2")])
    reader = reads("p1", "#lobby")
    found = log.unread(reader, {"@": 1}, "p1", [])
    assert sorted((one.target, one.first) for one in found) == [("#lobby", 3), ("@p3", 2)]
    assert len(log.unread(reader, {"@": 1, "@p2": 0}, "p1", [])) == 3


def test_unread_direct_messages_are_by_the_other_ones_identity_and_all_for_me(log: Log) -> None:
    log.append([told("hi", "p2", "p1", at=5), told("hello", "p1", "p2"), told("secret", "p2", "p3")])
    log.append([Draft(9, "msg", "@ann", "robert", "psst", "p2", peer="p1"), told("note", "p1", "p1")])
    log.append([told("from p10", "p10", "p1", at=7)])
    counts = log.unread(reads("p1"), {}, "p1", ["ann"])
    assert sorted(counts, key=lambda one: one.target) == [
        UnreadCount("@p10", "ann", 1, 1, 6, 7),
        UnreadCount("@p2", "robert", 2, 2, 1, 5),
    ]
    assert log.unread(reads("p1"), {"@p2": 4, "@p10": 6}, "p1", []) == []
    assert [one.target for one in log.unread(reads("p4", "p1 p2", "@p2"), {}, "p4", [])] == []


def test_after_a_year_away_no_more_than_the_most_is_counted(log: Log) -> None:
    most = Limits().unread_most
    log.append([said("hi ann", author="p2") for _ in range(most + 50)])
    (count,) = log.unread(reads("p1", "#lobby"), {}, "p1", ["ann"])
    assert (count.count, count.mentions, count.first) == (most, most, 1)


def test_a_direct_conversation_that_retention_emptied_is_not_counted(log: Log) -> None:
    log.append([told("old", "p2", "p1", at=1), told("old", "p3", "p1", at=2), told("new", "p2", "p1", at=9)])
    log.forget_before(5, 100)
    assert [one.target for one in log.unread(reads("p1"), {}, "p1", [])] == ["@p2"]
