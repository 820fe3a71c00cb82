"""IAB Transparency and Consent Framework: purposes in a TC string of version 2 (policies 2.0 to 2.3), of no vendor in particular.

The core segment is read as the specification lays it out, big-endian and left to right, to the end of its vendor sections:
what is cut off or longer than it says is no TC string. One that can be read but does not hold any more (a policy that was
replaced before it was made, one that is shared between sites, one without the vendors that were disclosed) refuses what it
refuses, and gives nothing.

Sites pass it as `context.consent.tcString` (or `tcfString`, `tcf`, `TCString`), or as `context.tcString`.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

PURPOSES = {
    1: "Store and access information on a device", 2: "Select basic advertising", 3: "Create profiles for personalised advertising",
    4: "Select personalised advertising", 5: "Create profiles to personalise content", 6: "Select personalised content",
    7: "Measure advertising", 8: "Measure content", 9: "Understand audiences by statistics",
    10: "Develop and improve services", 11: "Select content with limited data",
}  # fmt: skip
INTERESTS = frozenset({2, 7, 8, 9, 10, 11})
"""The purposes that may rest on legitimate interests; policy 4 (2.2) took 3 to 6 out, and 1 never could."""
FEATURES = {1: "Use precise location", 2: "Scan the device to tell it apart"}
MOST = 10_000  # characters: the largest with all vendors have some 2,000
_KEYS = ("tcString", "tcfString", "tcf", "TCString")
_VERSION = 2
_LETTERS = 26
_POLICY_2_2 = 4
_ONLY_2_2_FROM = datetime(2023, 10, 1, tzinfo=UTC)
_DISCLOSED_FROM = datetime(2026, 2, 28, tzinfo=UTC)
_FIRST = datetime(2018, 5, 1, tzinfo=UTC)  # before there was a framework
_DISCLOSED = 1  # the type of the segment of disclosed vendors
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class TcString(NamedTuple):
    """What a TC string says of purposes and special features, by number. `holds` is False for one that gives nothing."""

    consents: dict[int, bool]
    interests: dict[int, bool]
    features: dict[int, bool]
    updated_at: datetime
    policy: int
    holds: bool


def text_of(context: Mapping[str, Any]) -> str:
    """The TC string of an event; an empty text where it has none."""
    consent = context.get("consent")
    for where in (consent, context) if isinstance(consent, dict) else (context,):
        for key in _KEYS:
            value = where.get(key)
            if isinstance(value, str) and value:
                return value
    return ""


def purposes(context: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What is said of `purpose_N`, `interest_N` and `feature_N`."""
    text = text_of(context)
    found = read(text) if text else None
    if found is not None:
        for name, said in (
            ("purpose", found.consents), ("interest", found.interests), ("feature", found.features)
        ):  # fmt: skip
            yield from ((f"{name}_{number}", yes) for number, yes in said.items() if found.holds or not yes)


@lru_cache(maxsize=4096)
def read(text: str) -> TcString | None:
    """What it says; None for what is no TC string. Of one visit all events carry the same."""
    if len(text) > MOST:
        return None
    core, *others = text.split(".")
    try:
        bits = _Bits(core)
        return _core(bits, _types(others))
    except (_Cut, NotBase64, OverflowError):
        return None


class _Cut(ValueError):
    """The string ends before what it announces, or goes on behind it."""


class _Bits:
    """A segment, read from left to right."""

    def __init__(self, segment: str) -> None:
        if not segment or not _ALPHABET.issuperset(segment):
            raise _Cut
        padded = segment + "A" * (-len(segment) % 4)
        self._value = int.from_bytes(b64decode(padded, altchars=b"-_", validate=True))
        self._size = len(padded) * 6
        self._end = len(segment) * 6
        self.place = 0

    def number(self, size: int) -> int:
        """The next so many bits."""
        self.place += size
        if self.place > self._end:
            raise _Cut
        return (self._value >> (self._size - self.place)) & ((1 << size) - 1)

    def flags(self, size: int, numbers: Any) -> dict[int, bool]:
        """The next so many bits, of which the first is that of number 1."""
        bits = self.number(size)
        return {number: bool(bits >> (size - number) & 1) for number in numbers}

    @property
    def left(self) -> int:
        """How many bits are left, which may be set or not."""
        return self._end - self.place


def _core(bits: _Bits, others: frozenset[int]) -> TcString:
    if bits.number(6) != _VERSION:
        raise _Cut
    made, updated = (_time(bits.number(36)) for _ in range(2))
    bits.number(12 + 12 + 6)  # the tool, its version and the screen
    _letters(bits)
    bits.number(12)  # the version of the list of vendors
    policy, is_of_one_site = bits.number(6), bool(bits.number(1))
    bits.number(1)  # whether the texts are the framework's own
    features = bits.flags(12, FEATURES)
    consents, interests = bits.flags(24, PURPOSES), bits.flags(24, sorted(INTERESTS))
    bits.number(1)
    _letters(bits)
    _vendors(bits)
    _vendors(bits)
    _restrictions(bits)
    if bits.left >= 8:  # noqa: PLR2004 -- encoders fill up to whole bytes, and those to letters of six bits
        raise _Cut
    is_dated = _FIRST <= made <= updated
    is_of_its_policy = policy >= _POLICY_2_2 or updated < _ONLY_2_2_FROM
    is_of_the_site = is_of_one_site or policy < _POLICY_2_2
    is_disclosed = _DISCLOSED in others or made < _DISCLOSED_FROM
    holds = is_dated and is_of_its_policy and is_of_the_site and is_disclosed
    return TcString(consents, interests, features, updated, policy, holds)


def _time(tenths: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=tenths * 100)


def _letters(bits: _Bits) -> None:
    if bits.number(6) >= _LETTERS or bits.number(6) >= _LETTERS:
        raise _Cut


def _vendors(bits: _Bits) -> None:
    """Pass over a section of vendors."""
    most = bits.number(16)
    if not bits.number(1):
        bits.number(most)
        return
    _ranges(bits, most)


def _ranges(bits: _Bits, most: int) -> None:
    for _ in range(bits.number(12)):
        is_range, first = bits.number(1), bits.number(16)
        last = bits.number(16) if is_range else first
        if not 0 < first <= last <= most:
            raise _Cut


def _restrictions(bits: _Bits) -> None:
    """Pass over what the publisher restricts: it is of single vendors."""
    for _ in range(bits.number(12)):
        bits.number(6 + 2)
        _ranges(bits, (1 << 16) - 1)


def _types(segments: list[str]) -> frozenset[int]:
    """Of which types the further segments are."""
    return frozenset(_Bits(each).number(3) for each in segments)
