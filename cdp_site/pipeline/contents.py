"""Bytes as people can read them, with nothing in them that could act: text with its controls spelt out, and hex."""

from dataclasses import dataclass

import orjson

SHOWN = 4096  # bytes
_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Content:
    """Some bytes. `text` is None when they are no UTF-8; `is_cut` says that there are more."""

    size: int
    text: str | None
    is_json: bool
    hex: str
    is_cut: bool


def content_of(content: bytes | None) -> Content | None:
    """How to show these bytes; None where there are none."""
    if content is None:
        return None
    shown = content[:SHOWN]
    document = _as_json(content)
    return Content(
        size=len(content),
        text=document if document is not None else _as_text(shown, is_cut=len(content) > SHOWN),
        is_json=document is not None,
        hex="\n".join(_hex_line(shown, start) for start in range(0, len(shown), _WIDTH)),
        is_cut=len(content) > SHOWN,
    )


def _as_json(content: bytes) -> str | None:
    """JSON, indented; None when it is none, or too long to be read."""
    if len(content) > 16 * SHOWN:
        return None
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return spelt_out(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


def _as_text(content: bytes, *, is_cut: bool) -> str | None:
    try:
        return spelt_out(content.decode(errors="ignore" if is_cut else "strict"))
    except UnicodeDecodeError:
        return None


def spelt_out(text: str) -> str:
    """The text with every character that would not show, or would turn others around, as its escape."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else each.encode("unicode_escape").decode()
        for each in text
    )


def _hex_line(content: bytes, start: int) -> str:
    part = content[start : start + _WIDTH]
    readable = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in part)  # noqa: PLR2004 -- printable ASCII
    return f"{start:08x}  {part.hex(' '):<47}  {readable}"
