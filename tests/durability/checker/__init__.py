"""Kills the server at random moments while people talk, and checks that nothing acknowledged is lost or doubled.

    python -m tests.durability.checker --rounds 200

A round: 5 people with a name of their own and 3 guests say everything that can be said, with labels, over real
sockets; now and then one hangs up without reading what came. The server is killed (SIGKILL) and started again on the
same data, sometimes twice. Everybody comes back, proves his name, asks /since, and sends what has no answer again,
with the old labels. Then, and for everything once more at the end, this must hold:

    acknowledged ⊆ log;  each label once in the log, as what was meant;  what was refused is not in the log;
    a label that is stored is answered with its id, never with an error, whatever became of the world since;
    each person saw each id that he may see once, rising, none that he may not see, and missed none;
    each one's lines are in the log in the order he said them;
    the rooms and read marks of who has a name are as they were acknowledged (not on a bad network, where a line of
    a connection that is long gone may come late);
    what stands (newest texts, nothing deleted, reactions in force) is the same in what one saw live, in the
    backlog of a room and what came after it, in the pages of /history, after /since, and in the database;
    nothing of a deleted text is left in the files.

    speech.py    what people say            talker.py    a client       sight.py    what it saw and had to see
    kept.py      what is kept of a person
    standing.py  what stands of entries     record.py    the database   verdict.py  the one held against the other
    newcomer.py  who comes afterwards       rounds.py    the rounds
"""
