"""In what two reaches differ, in words: what somebody gains, and what they lose."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.domain.roles.values import NOTHING, Reach, RoleValues
from compliance.enums import Category
from compliance.known_sources import known_sources
from compliance.wording import FORMS, OPERATIONS, category_name

ALL_SOURCES = "See the data of all sources"
ANY_PURPOSE = "Use data for any purpose"


@dataclass(frozen=True, slots=True)
class Differences:
    """What is gained and lost, each thing a sentence."""

    gains: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gains or self.loses)


def differences(before: Reach, after: Reach, *, sources: Mapping[int, str] | None = None) -> Differences:
    """What somebody gains and loses who had the one and now has the other. `sources` are names by id."""
    names = known_sources() if sources is None else sources
    opened, closed = _forms(before, after)
    more, less = _purposes(before, after), _purposes(after, before)
    seen, unseen = _sources(before, after, names), _sources(after, before, names)
    return Differences(
        (*_operations(before, after), *opened, *more, *seen),
        (*_operations(after, before), *closed, *less, *unseen),
    )


def in_words(before: RoleValues | None, after: RoleValues | None) -> dict[str, list[str]]:
    """How the audit trail and the history tell of a change: (what it was, what it is) by what changed.

    Of what members may do: what was taken out, and what was put in.
    """
    old, new = _told(before), _told(after)
    if before is not None and after is not None:
        pair = (_operations(after.reach, before.reach), _operations(before.reach, after.reach))
        old["May"], new["May"] = ("; ".join(each) or "—" for each in pair)
    return {
        name: [old.get(name, "—"), new.get(name, "—")]
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    }


def _told(values: RoleValues | None) -> dict[str, str]:
    if values is None:
        return {}
    reach, names = values.reach, known_sources()
    return {
        "Name": values.name,
        "Description": values.description or "—",
        "May": "; ".join(OPERATIONS[each] for each in OPERATIONS if each in reach.operations) or "nothing",
        **{category_name(each): FORMS[reach.forms.of(each)] for each in Category},
        "Purposes": ", ".join(sorted(reach.purposes)) or "any",
        "Sources": "all" if reach.sources is None else ", ".join(_names(reach.sources, names)) or "none",
    }


def _operations(before: Reach, after: Reach) -> list[str]:
    return [words for each, words in OPERATIONS.items() if each in after.operations - before.operations]


def _forms(before: Reach, after: Reach) -> tuple[list[str], list[str]]:
    opened: list[str] = []
    closed: list[str] = []
    for each in Category:
        old, new = before.forms.of(each), after.forms.of(each)
        if old is not new:
            words = f"{category_name(each)}: {FORMS[new]}, before {FORMS[old]}"
            (opened if new.openness > old.openness else closed).append(words)
    return opened, closed


def _purposes(before: Reach, after: Reach) -> list[str]:
    """What may be used for more after than before."""
    if NOTHING in (before, after) or not before.purposes:
        return []
    if not after.purposes:
        return [ANY_PURPOSE]
    return [f"Use data for {each}" for each in sorted(after.purposes - before.purposes)]


def _sources(before: Reach, after: Reach, names: Mapping[int, str]) -> list[str]:
    if before.sources is None:
        return []
    if after.sources is None:
        return [ALL_SOURCES]
    return [f"See the data of {name}" for name in _names(after.sources - before.sources, names)]


def _names(ids: frozenset[int], names: Mapping[int, str]) -> list[str]:
    return [name for pk, name in names.items() if pk in ids] + [
        f"source {pk}" for pk in sorted(ids - names.keys())
    ]
