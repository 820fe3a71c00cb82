"""Templates are read as they were meant: a tag that spans lines would be shown to people as text."""

import re

from django.template.base import Lexer, TokenType

from tests.architecture.source_tree import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def unread(template: str) -> list[str]:
    """What looks like a tag, and is text to Django."""
    return [
        token.contents[token.contents.index("{%") :][:60]
        for token in Lexer(template).tokenize()
        if token.token_type is TokenType.TEXT and "{%" in token.contents
    ]


def test_every_tag_is_on_one_line() -> None:
    assert {
        path.name: found for path in TEMPLATES if (found := unread(path.read_text(encoding="utf-8")))
    } == {}


def test_a_tag_over_two_lines_is_found() -> None:
    assert unread('<p>{% include "a.html" with text="one\ntwo" %}</p>') != []


ALPINE = re.compile(r"""\s(?:x-[a-z:.-]+|@[a-z.-]+|:[a-z-]+)=("[^"]*"|'[^']*')""")


def test_nothing_of_a_page_stands_in_what_alpine_evaluates() -> None:
    """Alpine.js reads attributes as expressions: a value in one would be an expression of whoever typed it."""
    told = {
        str(path.relative_to(ROOT)): found
        for path in TEMPLATES
        if (
            found := [
                each
                for each in ALPINE.findall(path.read_text(encoding="utf-8"))
                if "{{" in each or "{%" in each
            ]
        )
    }
    assert told == {}


def test_a_value_in_what_alpine_evaluates_is_found() -> None:
    assert ALPINE.findall("<p x-init=\"seen = '{{ name }}'\">") == ["\"seen = '{{ name }}'\""]
