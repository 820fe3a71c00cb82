"""What consent signals mean in the events of a source: decided by staff, proposed from the purposes, tried on an example."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db import transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.consent import known_purposes, with_understood
from compliance.consent import stated_consents as consents_of
from compliance.enums import Operation
from compliance.gate import PurposeRule, purpose_rules
from compliance.signals import Meaning, Meanings, Signal, google, signals, tcf
from compliance.signals.keys import key_of
from ingestion.models import ConsentMeaning, Source

MOST = 200  # meanings of a source
MOST_NAME = 80
MOST_EXAMPLE = 20_000  # characters
# What is proposed for a purpose whose key or name has one of these beginnings of words in it.
_PROPOSED: tuple[tuple[tuple[str, ...], dict[Signal, tuple[str, ...]]], ...] = (
    (
        ("advert", "target"),
        {
            Signal.GOOGLE: ("ad_storage", "ad_user_data", "ad_personalization"),
            Signal.TCF: ("purpose_1", "purpose_2", "purpose_3", "purpose_4", "purpose_7"),
        },
    ),
    (
        ("analy", "statist", "measur", "performance"),
        {Signal.GOOGLE: ("analytics_storage",), Signal.TCF: ("purpose_1", "purpose_8", "purpose_9")},
    ),
    (
        ("personali",),
        {Signal.GOOGLE: ("personalization_storage",), Signal.TCF: ("purpose_1", "purpose_5", "purpose_6")},
    ),
)


class SignalsError(ValueError):
    """What was sent cannot be kept or tried; the message says what to change."""


class Name(NamedTuple):
    """A name that a signal has, and what it is called."""

    signal: Signal
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What an example would declare, by key of the purpose, and the names in it that mean none of the installation's."""

    declared: dict[str, bool]
    ignored: list[str]
    proof: str
    is_unreadable: bool


def known_names() -> list[Name]:
    """The names that Google and the TCF have; those of categories are the consent tool's own."""
    return [
        *(Name(Signal.GOOGLE, each, each) for each in google.NAMES),
        *(Name(Signal.TCF, f"purpose_{each}", f"{each} · {words}") for each, words in tcf.PURPOSES.items()),
        *(
            Name(Signal.TCF, f"interest_{each}", f"{each} · {tcf.PURPOSES[each]} (legitimate interest)")
            for each in sorted(tcf.INTERESTS)
        ),
        *(Name(Signal.TCF, f"feature_{each}", f"Special feature {each} · {words}") for each, words in tcf.FEATURES.items()),
    ]  # fmt: skip


def open_purposes() -> list[PurposeRule]:
    """The purposes that people may say something of: what rests on a contract or a law is not asked for."""
    rules = purpose_rules([each.key for each in known_purposes()])
    return sorted(
        (each for each in rules if each.needs_consent or each.takes_objections), key=lambda each: each.key
    )


def meanings_of(source: Source) -> list[Meaning]:
    """What was decided for it, in order."""
    decided = ConsentMeaning.objects.filter(source=source)
    return [Meaning(Signal(each.signal), each.name, each.purpose) for each in decided]


def all_meanings() -> Mapping[int, Meanings]:
    """Of each source for which anything was decided."""
    found: dict[int, list[Meaning]] = defaultdict(list)
    for source, signal, name, purpose in ConsentMeaning.objects.values_list(
        "source_id", "signal", "name", "purpose"
    ):
        found[source].append(Meaning(Signal(signal), name, purpose))
    return {source: Meanings(each) for source, each in found.items()}


def proposed() -> list[Meaning]:
    """What is likely meant, by what the purposes are called. It holds once somebody saves it."""
    consents = [
        each for each in known_purposes() if each.needs_consent
    ]  # a TC string's consents are none to an interest
    return [
        Meaning(signal, name, purpose.key)
        for purpose in consents
        for words, names in _PROPOSED
        if any(word in f"{purpose.key} {purpose.name}".lower() for word in words)
        for signal, all_names in names.items()
        for name in all_names
    ]


def decide(source: Source, wanted: Collection[Meaning], *, by: Actor) -> None:
    """Have the names of its signals mean exactly this, of what comes from now on. Raises SignalsError, AccessDenied."""
    require(by, Operation.SOURCES_MANAGE)
    checked = _checked(wanted)
    with transaction.atomic():
        Source.objects.select_for_update().get(pk=source.pk)
        ConsentMeaning.objects.filter(source=source).delete()
        ConsentMeaning.objects.bulk_create(
            ConsentMeaning(source=source, signal=each.signal, name=each.name, purpose=each.purpose)
            for each in checked
        )
        record_change(
            by,
            action="source.consent_signals",
            target=f"source:{source.pk}",
            detail={"meanings": len(checked)},
        )


def _checked(wanted: Collection[Meaning]) -> list[Meaning]:
    found = sorted({each._replace(name=key_of(each.name)) for each in wanted})
    if len(found) > MOST:
        raise SignalsError(f"a source has at most {MOST} meanings: leave out those that it never sends")
    known, allowed = (
        {(each.signal, each.name) for each in known_names()},
        {each.key for each in open_purposes()},
    )
    for each in found:
        if not each.name or len(each.name) > MOST_NAME:
            raise SignalsError(
                f"a category has a name of 1 to {MOST_NAME} letters, digits and signs between them"
            )
        if each.signal is not Signal.CATEGORY and (each.signal, each.name) not in known:
            raise SignalsError(f"there is no {each.name!r} in this signal")
        if each.purpose not in allowed:
            raise SignalsError(
                f"nobody is asked for the purpose {each.purpose!r}: choose one that rests on consent or interests"
            )
    return found


def attempt(meanings: Sequence[Meaning], example: str) -> Tried:
    """What an event (or its `context` alone) would declare with these meanings. Raises SignalsError; keeps nothing."""
    context = _context(example)
    chosen = _checked(meanings)
    read = with_understood(context, Meanings(chosen)) if chosen else context
    said = consents_of({"context": read})
    rules = purpose_rules([each.key for each in known_purposes()])
    declared = {
        rule.key: all(said[name] for name in rule.names & said.keys())
        for rule in sorted(rules, key=lambda each: each.key)
        if rule.names & said.keys()
    }
    text = tcf.text_of(context)
    return Tried(declared, _ignored(context, chosen, rules), text, bool(text) and tcf.read(text) is None)


def _ignored(
    context: Mapping[str, Any], chosen: Sequence[Meaning], rules: Sequence[PurposeRule]
) -> list[str]:
    meaning = {(each.signal, each.name) for each in chosen}
    known = {name for rule in rules for name in rule.names}
    return list(dict.fromkeys(
        name for signal, name, _ in signals(context)
        if (signal, name) not in meaning and (signal is Signal.TCF or name not in known)
    ))  # fmt: skip


def _context(example: str) -> Mapping[str, Any]:
    if len(example) > MOST_EXAMPLE:
        raise SignalsError(f"the example has more than {MOST_EXAMPLE:,} characters")
    try:
        found = orjson.loads(example)
    except orjson.JSONDecodeError:
        raise SignalsError("the example is no JSON: paste one event as your site sends it") from None
    context = found.get("context", found) if isinstance(found, dict) else None
    if not isinstance(context, dict):
        raise SignalsError("the example is no event: paste an object with `context`")
    return context
