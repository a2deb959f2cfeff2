"""Which words of a piece of code have a colour, by Pygments. No widget in here."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

CodePart = Literal["keyword", "string", "comment", "number", "name"]

# A lexer runs on what a stranger sent, and some of the 500 take minutes for a few hundred bytes made for it. These
# are in daily use everywhere; a language that is not here is drawn plain.
_LEXERS: Final = {
    **dict.fromkeys(("py", "python", "python3", "py3"), "python"),
    **dict.fromkeys(("js", "javascript", "jsx", "mjs"), "javascript"),
    **dict.fromkeys(("ts", "typescript", "tsx"), "typescript"),
    **dict.fromkeys(("sh", "bash", "shell", "zsh"), "bash"),
    **dict.fromkeys(("c", "h"), "c"),
    **dict.fromkeys(("c++", "cpp", "cc", "hpp", "cxx"), "cpp"),
    **dict.fromkeys(("c#", "cs", "csharp"), "csharp"),
    **dict.fromkeys(("rs", "rust"), "rust"),
    **dict.fromkeys(("go", "golang"), "go"),
    **dict.fromkeys(("rb", "ruby"), "ruby"),
    **dict.fromkeys(("kt", "kotlin"), "kotlin"),
    **dict.fromkeys(("yml", "yaml"), "yaml"),
    **dict.fromkeys(("html", "htm"), "html"),
    **dict.fromkeys(("ini", "cfg", "conf"), "ini"),
    **dict.fromkeys(("diff", "patch"), "diff"),
    **dict.fromkeys(("docker", "dockerfile"), "docker"),
    **{name: name for name in ("java", "json", "toml", "css", "sql", "xml", "lua", "perl", "php", "swift")},
}

_LINE: Final = 400
"""Longer lines are no code that anybody reads, and the lexers' time grows with their square."""


@lru_cache(maxsize=128)
def colored(code: str, language: str) -> tuple[tuple[int, int, CodePart], ...]:
    """(start, end, what it is) of the coloured words, in order; empty if the language is unknown or "".

    The first call imports Pygments and the lexer, 20 ms; then about 2 ms for a screen of code.
    """
    name = _LEXERS.get(language.lower())
    if name is None or max(map(len, code.split("\n"))) > _LINE:
        return ()
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(name)
    found: list[tuple[int, int, CodePart]] = []
    # get_tokens() would also tidy the text up, and with it move what comes after.
    for start, kind, text in lexer.get_tokens_unprocessed(code):
        part = _part(tuple(kind))
        if part is not None and text.strip():
            found.append((start, start + len(text), part))
    return tuple(found)


def _part(kind: tuple[str, ...]) -> CodePart | None:
    match kind:
        case ("Keyword", *_) | ("Operator", "Word") | ("Name", "Tag") | ("Generic", "Deleted" | "Heading"):
            return "keyword"
        case ("Literal", "String", *_) | ("Generic", "Inserted"):
            return "string"
        case ("Comment", *_) | ("Generic", "Subheading"):
            return "comment"
        case ("Literal", "Number", *_) | ("Keyword", "Constant"):
            return "number"
        case ("Name", "Function" | "Class" | "Decorator" | "Builtin" | "Attribute", *_):
            return "name"
    return None
