"""Bytes as a person can write them: as text, or in hex where they are none."""

from dataclasses import dataclass
from typing import Literal

from cdp_site.pipeline.contents import spelt_out

MAX_BYTES = 256 * 1024  # what a page can hold
Form = Literal["text", "hex"]


class Unwritable(ValueError):
    """What was typed is no bytes; the text says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """Some bytes on their way through a form."""

    form: Form
    text: str


def write(content: bytes | None) -> Written:
    """As text where nothing is lost by it, else in hex."""
    try:
        text = (content or b"").decode()
    except UnicodeDecodeError:
        return Written("hex", (content or b"").hex(" "))
    is_plain = "\r" not in text and spelt_out(text) == text
    return Written("text", text) if is_plain else Written("hex", (content or b"").hex(" "))


def read(form: str, text: str, former: bytes | None) -> bytes | None:
    """The bytes that were typed; nothing typed where there was nothing is nothing. Raises Unwritable."""
    content = _bytes(form, text)
    return None if former is None and not content else content


def _bytes(form: str, text: str) -> bytes:
    if form != "hex":
        return text.replace("\r\n", "\n").encode()  # as browsers send ends of lines
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Unwritable("this is no hex: two digits for each byte, 0 to 9 and a to f") from None
