"""What a guest said becomes that of the person who claimed a name on the same connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from chat_server.log.index import leave_out, mark_stale
from chat_server.log.statements import blank, pair


def said_in_rooms(conn: sqlite3.Connection, guest: str, after: int) -> list[int]:
    """The entries of a guest in rooms. He has said nothing up to the id `after`, that of when he came: nothing else tells
    where to look, since nobody is looked for by his identity otherwise."""
    rows = conn.execute(
        "SELECT id FROM entry NOT INDEXED WHERE id > ? AND author = ? AND peer IS NULL", (after, guest)
    )
    return [id for (id,) in rows]


def give(conn: sqlite3.Connection, ids: Sequence[int], identity: str) -> None:
    """Makes somebody the author of entries in rooms."""
    conn.executemany("UPDATE entry SET author = ? WHERE id = ?", [(identity, id) for id in ids])


def adopt(conn: sqlite3.Connection, guest: str, identity: str) -> list[str]:
    """Moves the labels of a guest and his direct conversations to a person; the identities of the others."""
    for table in ("label", "label_again"):
        conn.execute(f"UPDATE OR IGNORE {table} SET author = ? WHERE author = ?", (identity, guest))
    others = []
    places = conn.execute("SELECT conversation FROM direct WHERE identity = ?", (guest,)).fetchall()
    for (old,) in places:
        one, other = old.split(" ")
        partner = other if one == guest else one
        conn.execute(
            "DELETE FROM direct WHERE conversation = ? AND identity IN (?, ?)", (old, guest, partner)
        )
        # Who talks to himself does so still.
        partner = identity if partner == guest else partner
        new = pair(identity, partner)
        # Said since he has his name, about what was said before: it did not reach that yet.
        deletes = conn.execute(
            "SELECT ref, id FROM entry INDEXED BY entry_by_conversation WHERE conversation = ? AND kind = 'delete'",
            (new,),
        ).fetchall()
        leave_out(
            conn,
            [id for (id,) in conn.execute("SELECT id FROM entry WHERE conversation = ?", (old,)).fetchall()],
        )
        conn.execute(
            "UPDATE entry SET conversation = ?3, author = CASE author WHEN ?1 THEN ?2 ELSE author END,"
            " peer = CASE peer WHEN ?1 THEN ?2 ELSE peer END WHERE conversation = ?4",
            (guest, identity, new, old),
        )
        mark_stale(conn, blank(conn, deletes))
        conn.executemany(
            "INSERT INTO direct VALUES (?, ?) ON CONFLICT DO NOTHING", {(identity, new), (partner, new)}
        )
        others.append(partner)
    return others
