"""What a source's signals mean: from names of consent tools to purposes of the installation."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from compliance.signals import google, rudderstack, segment, tcf
from compliance.signals.keys import key_of


class Signal(StrEnum):
    """The form that a name is of; those of Segment and RudderStack are the same tools' categories."""

    CATEGORY = "category"
    GOOGLE = "google"
    TCF = "tcf"


class Meaning(NamedTuple):
    """That a name of a signal, as `key_of` writes it, speaks of a purpose."""

    signal: Signal
    name: str
    purpose: str


class Meanings:
    """What the names of a source mean. Immutable. A name without a meaning stands for itself; a TC string's says nothing."""

    __slots__ = ("_meanings",)

    def __init__(self, meanings: Iterable[Meaning]) -> None:
        found: dict[tuple[Signal, str], list[str]] = {}
        for each in meanings:
            found.setdefault((each.signal, each.name), []).append(each.purpose)
        self._meanings = found

    def purposes(self, signal: Signal, name: str) -> list[str]:
        """What the name speaks of."""
        own = [] if signal is Signal.TCF else [name]
        return self._meanings.get((signal, name), own)


def signals(context: Mapping[str, Any]) -> Iterator[tuple[Signal, str, bool]]:
    """All that an event says of consent: in which form, by which name, and whether it is granted."""
    for signal, said in (
        (Signal.CATEGORY, segment.categories(context)), (Signal.CATEGORY, rudderstack.categories(context)),
        (Signal.GOOGLE, google.settings(context)), (Signal.TCF, tcf.purposes(context)),
    ):  # fmt: skip
        for name, granted in said:
            if key := key_of(name):
                yield signal, key, granted


def understood(context: Mapping[str, Any], meanings: Meanings) -> dict[str, bool]:
    """What an event says of purposes. Of several names that speak of one a refusal counts."""
    stated: dict[str, bool] = {}
    for signal, name, granted in signals(context):
        for purpose in meanings.purposes(signal, name):
            stated[purpose] = granted and stated.get(purpose, True)
    return stated
