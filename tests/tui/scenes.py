"""What is going on in the pictures: lines of a server, as they stand on the wire."""

from __future__ import annotations

EVENING = """
    2026-11-21T20:11:00Z msg 1001 #lobby carol: see you all tomorrow, the cake is in the fridge
    2026-11-22T16:41:00Z msg 1002 #lobby bob: morning
    2026-11-22T16:42:10Z msg 1003 #lobby Zoë: hello from the train
    2026-11-22T16:50:05Z msg 1004 #lobby bob: who is in for games night? https://example.org/games?week=47
    2026-11-22T16:53:00Z msg 1006 #lobby ann: me, if we start after eight
    2026-11-22T16:54:00Z act 1007 #lobby carol: bakes another cake
    2026-11-22T16:55:00Z msg 1008 #lobby bob: ann: eight it is. I will bring the long box with all the expansions
    2026-11-22T16:56:00Z join #lobby dave
    2026-11-22T16:56:02Z join #lobby erin
    2026-11-22T16:57:00Z msg 1009 #lobby dave: first here, and I have brought␤  - dice␤  - the rules
"""
"""A room in which something happens: two days, a mention, an act, a list, two who came."""

ROOMS = """
    2026-11-22T16:51:00Z join #games ann
    2026-11-22T16:51:00Z begin who #games
    2026-11-22T16:51:00Z who #games ann dave
    2026-11-22T16:51:00Z end who #games
    2026-11-22T16:51:00Z join #ops ann
    2026-11-22T16:51:00Z begin who #ops
    2026-11-22T16:51:00Z who #ops ann +Zoë
    2026-11-22T16:51:00Z end who #ops
"""
"""Two rooms more; the app has to be brought back to the first one."""

UNREAD = """
    2026-11-22T16:57:30Z msg 1010 #games dave: the table is laid
    2026-11-22T16:57:31Z msg 1011 #games dave: and the lamp is on
    2026-11-22T16:57:40Z msg 1012 #ops Zoë: ann: the backup is done
    2026-11-22T16:58:00Z msg 1013 @ann bob: can you bring your charger?
"""
"""Something unread in each of the other rooms, a mention, and a direct message."""

LONG = "\n".join(
    f"2026-11-22T16:{10 + number:02}:00Z msg {1010 + number} #lobby {('bob', 'Zoë', 'carol')[number % 3]}: {text}"
    for number, text in enumerate(
        (
            "the table is laid",
            "who brings the lamp?",
            "cake, and more cake",
            "ann: bring the long box",
            "soon!",
        )
        * 8
    )
)
"""More than fits on a page."""

NEWS = """
    2026-11-22T16:58:00Z msg 1090 #lobby bob: we have begun
    2026-11-22T16:58:20Z msg 1091 #lobby carol: ann: where are you?
"""
"""What comes while one reads further up."""

THREAD = """
    2026-11-22T16:41:00Z msg 1002 #lobby bob: who is in for *games night*? https://example.org/games
    2026-11-22T16:41:20Z react 1003 #lobby Zoë ^1002: 🎉
    2026-11-22T16:41:30Z react 1004 #lobby ann ^1002: 🎉
    2026-11-22T16:41:40Z react 1005 #lobby carol ^1002: 👍
    2026-11-22T16:42:00Z msg 1006 #lobby ann ^1002: me, if we start _after_ eight
    2026-11-22T16:43:00Z msg 1007 #lobby Zoë ^1006: > after eight␤then I bring the ||long|| box
    2026-11-22T16:44:00Z edit 1008 #lobby Zoë ^1007: > after eight␤then I bring the ||very long|| box
    2026-11-22T16:45:00Z msg 1009 #lobby 田中 ^1002: `git pull`:␤```py␤def roll(sides):␤    return randint(1, sides)␤```
    2026-11-22T16:46:00Z react 1010 #lobby bob ^1009: ❤️
    2026-11-22T16:47:00Z msg 1011 #lobby carol ^1009: @ann: fair dice, at last
    2026-11-22T16:48:00Z topic 1012 #lobby bob: Games night on Sunday, eight o'clock
"""
"""A thread: answers, reactions, a changed text, a spoiler, a quotation, code."""

FOUND = """
    2026-11-22T17:00:00Z begin search cake
    2026-03-02T09:20:00Z msg 311 #lobby bob: a cake that nobody ate [b]at all[/b]
    2026-11-20T20:11:00Z msg 801 #games Zoë: whoever loses bakes the next cake, said long ago and forgotten: cake
    2026-11-22T16:12:00Z msg 1012 #lobby carol: cake, and more cake
    2026-11-22T17:00:00Z end search 3 more
"""
"""What the server found."""

NAMED = """
    2026-11-22T17:00:00Z begin search ann
    2026-11-18T19:02:00Z msg 640 #games Zoë: ann's cake is annihilated
    2026-11-20T20:12:00Z msg 802 #games carol: annabel brings one
    2026-11-22T17:00:00Z end search 2
"""
"""What the server found of one's own nick; one of them is about somebody else."""

WIDE = """
    2026-11-22T16:40:00Z msg 1001 #lobby 田中: 你好，世界！今晚我也来。{han}
    2026-11-22T16:41:00Z msg 1002 #lobby Zoë: 👩‍👩‍👧‍👦 family, 🇫🇷 flag, ❤️ heart, 👍🏽 thumb, 1️⃣ keycap
    2026-11-22T16:42:00Z msg 1003 #lobby bob: a word that does not end: {word}
    2026-11-22T16:43:00Z msg 1004 #lobby a-very-long-nickname: a nick that is cut, and e\u0301 a\u0308 combining marks
    2026-11-22T16:44:00Z msg 1005 #lobby علي: مرحبا بكم جميعا
    2026-11-22T16:45:00Z msg 1006 #lobby bob: {text}
""".format(
    word="x" * 170,
    han="我们八点开始，大家都要准时到，因为桌子只有一张，而且蛋糕不会等人。",
    text="The quick brown fox jumps over the lazy dog. " * 9,
)
"""Text that is long, wide, joined, or written from right to left."""

HOSTILE = """
    2026-11-22T16:40:00Z msg 1001 #lobby bob: [@click=app.quit]free beer[/] [b]not bold[/b] [/] [/nope]
    2026-11-22T16:41:00Z act 1002 #lobby [red]: [link=https://example.org]act[/link]
    2026-11-22T16:42:00Z topic 1003 #lobby bob: [reverse]topic[/reverse] [/]
    2026-11-22T16:43:00Z join #lobby [click=app.quit]z
    2026-11-22T16:44:00Z msg 1004 @ann [u]: [/]
    2026-11-22T16:45:00Z note [blink]a note[/blink]
    2026-11-22T16:46:00Z msg 1005 #lobby Zoë: $primary {x} %s \\x1b[31m &lt;b&gt; <script>
"""
"""What would be markup, links, colours or commands, if it were not only text."""
