"""What is drawn of *signs* in a text, what is copied, and what only looks like signs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat_server.text import clean
from chat_tui.code_colors import colored
from chat_tui.formatting import HIDDEN, LINE_BREAK, Formatted, format_text, links_in, preview

SIGNS = (
    *("*", "**", "_", "~", "~~", "`", "``", "```", "||", "> ", ">", ":", ":tada:", ":nothing:", ":family:"),
    *(
        "の",
        "한",
        "a",
        "b c",
        " ",
        "1",
        ".",
        "(",
        ")",
        "/",
        "-",
        "日本",
        "👩\u200d👩\u200d👧",
        "e\u0301",
        LINE_BREAK,
        "py",
    ),
    *(f"{LINE_BREAK}```py{LINE_BREAK}", f"{LINE_BREAK}```", "https://x.org/_a_", "||s||", "*b*", "_i_"),
)
TEXTS = st.one_of(st.lists(st.sampled_from(SIGNS), max_size=40).map("".join), st.text().map(clean))


def seen(text: str) -> list[tuple[str, str]]:
    """(what it is, its characters) in the order of the text."""
    formatted = format_text(text)
    return [(look.part, formatted.text[look.start : look.end]) for look in sorted(formatted.looks)]


def blocks(text: str) -> list[tuple[str, str]]:
    formatted = format_text(text)
    return [(block.kind, formatted.text[block.start : block.end]) for block in formatted.blocks]


@pytest.mark.parametrize(
    "text",
    [
        *("a/b_c/d_e", "snake_case_name", "2*3*4", "2 * 3 * 4", "¯\\_(ツ)_/¯", ":)", "a_b", "__init__"),
        *(
            "file*.py *.txt",
            "rm *.o,*.a",
            "5 > 3",
            "10:30:45",
            "std::x::y",
            "don`t and won`t",
            "(*_*) -_- T_T",
        ),
        *("*/5 * * * *", "~/.bashrc ~/.profile", "~5 to ~10", "a || b || c", "a||b||c", ">>> x = 1", ">_<"),
        *("def f(*args, **kwargs):", "char *p, *q;", "***", "*", "* *", "**", "``", "``` ```", "_ _", "||||"),
        *("```a␤b", "a ```␤b␤```", "*a␤b*", "~a~b", "*a", "a*", "`a", "***a***", "/* c */", "fe80::1:2:on::"),
        *(
            ">",
            "> ",
            ">␤>",
            "```␤␤```",
            "C:\\_a_\\b",
            "#_a_b",
            "a*_b_",
            "<*>",
            "[*]",
            "*.py, *.md",
            "*)",
            "`",
        ),
        *(
            "x_1 + y_2",
            "*a (* b",
            "git log --pretty=*%h*",
            "_private and __dunder__",
            "SELECT *, count(*) FROM a",
            "5*",
        ),
    ],
)
def test_what_only_looks_like_a_sign_stays_as_it_is(text: str) -> None:
    assert format_text(text) == Formatted(text, len(text))


@pytest.mark.parametrize(
    "text",
    [
        *("単価*数量*税率", "가격*수량*세율", "3*単価*2", "恭喜张*明、李*华中奖", "売上_2024_東京.xlsx"),
        *(
            "报告_最终_版本.docx",
            "ファイル_これ_は",
            "東京~大阪、京都~奈良",
            "月~水~金",
            "好的~~谢谢~~你",
            "はい~~そうです~~",
        ),
        *(
            "送料は別*です。価格は込*です",
            "価格*、数量*、単位",
            "すべての *.txtと*.md",
            "10時~12時、13時~15時",
        ),
        *("(*´▽`*)", "おはよう(*´ω`*)", "_(:з」∠)_", "（*＾▽＾*）", "比率1:tada:です", "変数_名前_一覧"),
    ],
)
def test_what_only_looks_like_a_sign_among_letters_without_blanks_stays_as_it_is(text: str) -> None:
    assert format_text(text).text == text


@pytest.mark.parametrize(
    ("text", "drawn", "looks"),
    [
        ("日本語の*太字*と_斜体_です", "日本語の太字と斜体です", [("bold", "太字"), ("italic", "斜体")]),
        (
            "这是**粗体**字，这很*重要*，别忘",
            "这是粗体字，这很重要，别忘",
            [("bold", "粗体"), ("bold", "重要")],
        ),
        ("犯人は||太郎||です", "犯人は太郎です", [("spoiler", "太郎")]),
        ("*단어*를 _단어_를", "단어를 단어를", [("bold", "단어"), ("italic", "단어")]),
        ("คำ*หนา*คำ", "คำหนาคำ", [("bold", "หนา")]),
        ("今日は:tada:です、*_両方_*と", "今日は🎉です、両方と", [("bold", "両方"), ("italic", "両方")]),
        (
            "これは`co_de`です (*so (it)* is)",
            "これはco_deです (so (it) is)",
            [("code", "co_de"), ("bold", "so (it)")],
        ),
    ],
)
def test_signs_work_within_a_sentence_that_has_no_blanks(
    text: str, drawn: str, looks: list[tuple[str, str]]
) -> None:
    assert (format_text(text).text, seen(text)) == (drawn, looks)


@pytest.mark.parametrize(
    ("names", "emoji"),
    [
        (":shrug: :facepalm: :man-shrugging: :woman-facepalming:", "🤷 🤦 🤷\u200d♂️ 🤦\u200d♀️"),
        (":thinking: :simple_smile: :slight_smile: :rofl:", "🤔 🙂 🙂 🤣"),
        (":check: :white_check_mark: :Metal: :saluting_face:", "✔ ✅ 🤘 🫡"),
        (":flag-de: :flag-gb: :no-such-name: :flag-a:", "🇩🇪 🇬🇧 :no-such-name: :flag-a:"),
    ],
)
def test_emoji_are_known_by_the_names_that_people_bring_along(names: str, emoji: str) -> None:
    assert format_text(names).text == emoji


@pytest.mark.parametrize(
    ("text", "drawn", "looks"),
    [
        ("*bold*, **bold**", "bold, bold", [("bold", "bold"), ("bold", "bold")]),
        ("_so_ (~not~ ~~so~~)!", "so (not so)!", [("italic", "so"), ("struck", "not"), ("struck", "so")]),
        ("*Bob*'s _a_b_", "Bob's a_b", [("bold", "Bob"), ("italic", "a_b")]),
        ("*_both_*", "both", [("bold", "both"), ("italic", "both")]),
        ("`a *b* :tada:` ``c`d``", "a *b* :tada: c`d", [("code", "a *b* :tada:"), ("code", "c`d")]),
        ("the end: ||bob *did* it||", "the end: bob did it", [("spoiler", "bob did it"), ("bold", "did")]),
        ("*a _b* c_", "a _b c_", [("bold", "a _b")]),
        (":tada::tada: :+1: :nope: :Tada:", "🎉🎉 👍 :nope: 🎉", []),
        ("*见* 「_好_」", "见 「好」", [("bold", "见"), ("italic", "好")]),
        ("*https://x.org/_a_b_c*", "https://x.org/_a_b_c", [("bold", "https://x.org/_a_b_c"), ("link",) * 2]),
        ("*nix and *bold*", "*nix and bold", [("bold", "bold")]),
    ],
)
def test_signs_at_the_borders_of_words_are_hidden_and_change_what_they_stand_around(
    text: str, drawn: str, looks: list[tuple[str, str]]
) -> None:
    assert format_text(text).text == drawn
    assert [look if look[0] != "link" else ("link", "link") for look in seen(text)] == looks


def test_code_and_quotations_are_lines_of_their_own() -> None:
    text = "look:␤```py␤def f():␤    return *a*␤```␤> he said *so*␤>␤> twice␤no `x`"
    assert blocks(text) == [
        ("text", "look:"),
        ("code", "py␤def f():␤    return *a*"),
        ("quote", "he said so␤␤twice"),
        ("text", "no x"),
    ]
    assert seen(text) == [("label", "py"), ("bold", "so"), ("code", "x")]


@pytest.mark.parametrize(
    ("text", "code", "language"),
    [
        ("```␤x␤```", "x", ""),
        ("```x = 1␤y = 2```", "x = 1␤y = 2", ""),
        ("``` c++ ␤int x;```", "c++ ␤int x;", "c++"),
        ("```␤␤  x␤␤```", "␤  x␤", ""),
    ],
)
def test_code_may_begin_and_end_beside_its_fence(text: str, code: str, language: str) -> None:
    [block] = format_text(text).blocks
    assert (format_text(text).text[block.start : block.end], block.language) == (code, language)


@given(TEXTS)
@example("*a*`b`:tada:||c||> d")
@example("> *a*␤```␤`x`␤```")
def test_what_is_drawn_is_the_text_in_its_order_with_some_signs_hidden_and_names_made_emoji(
    text: str,
) -> None:
    formatted = format_text(text)
    sources = formatted.sources
    if sources is None:
        assert formatted.text == text
        return
    assert len(sources) == len(formatted.text) + 1
    assert sources[-1] == len(text)
    named = {first: text[first:last] for first, begin, _, last in formatted.pairs if begin == first}
    for drawn, source, after in zip(formatted.text, sources, sources[1:], strict=False):
        assert source < after or source in named
        assert drawn == text[source] or named[source].startswith(":")
    assert all(0 <= look.start < look.end <= len(formatted.text) for look in formatted.looks)
    hidden = set(range(len(text))) - set(sources)
    for first, _, _, last in formatted.pairs:
        hidden -= set(range(first, last)) if first in named else set()
    assert {text[at] for at in hidden} <= set("*_~`|> " + LINE_BREAK)


@given(TEXTS)
def test_blocks_are_all_lines_in_their_order(text: str) -> None:
    formatted = format_text(text)
    if formatted.blocks:
        drawn = formatted.text
        assert LINE_BREAK.join(drawn[block.start : block.end] for block in formatted.blocks) == drawn


@given(TEXTS, st.data())
def test_what_is_copied_is_a_piece_of_the_source_with_the_signs_around_it(
    text: str, data: st.DataObject
) -> None:
    formatted = format_text(text)
    assert formatted.widened(0, len(text)) == (0, len(text))
    start = data.draw(st.integers(0, len(formatted.text)))
    end = data.draw(st.integers(start, len(formatted.text)))
    asked = formatted.source_of(start), formatted.source_of(end)
    first, last = formatted.widened(*asked)
    assert 0 <= first <= asked[0] <= asked[1] <= last <= len(text)
    assert formatted.widened(first, last) == (first, last)
    assert formatted.drawn_of(first) <= formatted.drawn_of(last)


@pytest.mark.parametrize(
    ("text", "shown", "copy"),
    [
        ("so *bold* it is", "bold", "*bold*"),
        ("so *bold* it is", "bol", "bol"),
        ("so *bold _too_* it is", "too", "_too_"),
        ("so *bold _too_* it is", "bold too", "*bold _too_*"),
        ("well :tada: done", "🎉", ":tada:"),
        ("a␤```py␤x = 1␤```", "x = 1", "```py␤x = 1␤```"),
        ("> said", "said", "> said"),
    ],
)
def test_a_copy_takes_the_hidden_signs_of_what_is_whole(text: str, shown: str, copy: str) -> None:
    formatted = format_text(text)
    start = formatted.text.index(shown)
    first, last = formatted.source_of(start), formatted.source_of(start + len(shown) - 1) + 1
    first, last = formatted.widened(first, last)
    assert text[first:last] == copy


@pytest.mark.parametrize(
    "piece",
    ["*の", "*日*", "_の。", "*a _b", "`", "` `` ", "```a␤", "||x ", "*a_ ", ":x:", "[http://x", "> ", "~|"],
)
def test_a_text_made_to_be_slow_is_read_all_the_same(piece: str) -> None:
    text = (piece * 3500)[:3500]
    assert format_text(text).size == 3500


def test_a_preview_is_one_line_and_tells_no_spoiler() -> None:
    assert preview("it is ||bob|| and␤```py␤x = 1␤```␤*so*") == f"it is {HIDDEN * 3} and x = 1 so"


@given(TEXTS)
def test_no_part_of_a_spoiler_is_in_a_preview(text: str) -> None:
    assert "Snape" not in preview(f"{text} ||Snape|| {text}".replace("`", "").replace("|||", ""))


def test_addresses_are_found_from_a_place_on() -> None:
    assert [*links_in("https://a.org https://b.org", 5)] == [(14, 27)]


def test_words_of_code_have_colors_and_of_an_unknown_language_none() -> None:
    code = "def f(x):␤    return 'a' + 1  # so".replace(LINE_BREAK, "\n")
    parts = {code[start:end]: part for start, end, part in colored(code, "Py")}
    assert (parts["def"], parts["f"], parts["1"], parts["# so"]) == ("keyword", "name", "number", "comment")
    assert colored(code, "nonsense") == colored(code, "") == ()


@pytest.mark.parametrize("language", ["py", "js", "c", "diff", "html", "json", "yaml", "sh", "sql", "rs"])
def test_colors_stay_at_their_places_whatever_the_code(language: str) -> None:
    code = "\n\n  <a b='c'>\t// 日本 \n# x\n+ y: [1]\n\n"
    spans = colored(code, language)
    assert all(0 <= start < end <= len(code) for start, end, _ in spans)
    assert [*spans] == sorted(spans)
