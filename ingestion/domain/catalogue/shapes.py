"""What values look like, without saying what they are."""

import re
from collections.abc import Callable
from typing import Any

from compliance.enums import Category
from compliance.identifiers.finding import emails

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}
_DIGITS, _UPPER, _LOWER = re.compile(r"\d+"), re.compile(r"[^\W\d_a-z]+"), re.compile(r"[a-z]+")
_LONGEST = 40
_LOOKED_AT = 200  # characters of a text

_PHONE = re.compile(r"\+?\(?\d(?:[\s().\-/]{0,3}\d){6,14}")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}", re.IGNORECASE)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_CARD = re.compile(r"\d(?:[ -]?\d){12,18}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")

HINTS = {
    "email": ("e-mail addresses", Category.CONTACT),
    "phone": ("phone numbers", Category.CONTACT),
    "ip": ("IP addresses", Category.CONTACT),
    "iban": ("bank accounts", Category.SPECIAL),
    "card": ("card numbers", Category.SPECIAL),
}
"""What a text can look like: in words, and the category of such values."""

_CONTACT_IN_NAME = re.compile(r"@|(?:\d[\s().-]*){7,}")


def type_of(value: Any) -> str:
    """The JSON type of a value."""
    return "null" if value is None else _TYPES.get(type(value), "string")


def shape_of(text: str) -> str:
    """The shape of a text: `Viewed product 4711` is `Aa a 9`. It tells nobody's name or number."""
    shape = _DIGITS.sub("9", text[:_LOOKED_AT])
    return _LOWER.sub("a", _UPPER.sub("A", shape))[:_LONGEST]


def like(name: str) -> str:
    """A name with its digits taken out, for showing which names look generated."""
    return shape_of(name) if _CONTACT_IN_NAME.search(name) else _DIGITS.sub("9", name[:_LONGEST])


def holds_contact(name: str) -> bool:
    """Whether a name of an event or key holds an e-mail address or a number of a person: such a one is not kept."""
    return _CONTACT_IN_NAME.search(name) is not None


def hint_of(value: Any) -> str | None:
    """Which of HINTS a value looks like; None for most."""
    if type(value) is not str or len(value) < 7 or len(value) > _LOOKED_AT:  # noqa: PLR2004 -- the shortest of them
        return None
    if "@" in value:
        return "email" if next(emails(value), None) else None
    return next((hint for hint, looks in _LOOKS if looks(value)), None)


def _is_card(text: str) -> bool:
    return _CARD.fullmatch(text) is not None and _passes_luhn(text)


def _is_iban(text: str) -> bool:
    return _IBAN.fullmatch(text.replace(" ", "")) is not None


def _is_phone(text: str) -> bool:
    return text[0] in "+0(" and _PHONE.fullmatch(text) is not None and not _MOMENT.fullmatch(text)


_LOOKS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("ip", _ADDRESS.fullmatch), ("iban", _is_iban), ("card", _is_card), ("phone", _is_phone),
)  # fmt: skip


def _passes_luhn(text: str) -> bool:
    digits = [int(each) for each in text if each.isdigit()][::-1]
    return sum(digits[0::2]) % 10 == sum(sum(divmod(2 * each, 10)) for each in digits[1::2]) * 9 % 10
