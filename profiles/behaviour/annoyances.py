"""What annoyed in a visit, from its facts in order of time.

Where the thresholds come from: docs/guides/behaviour-events.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from profiles.behaviour.facts import Fact
from profiles.behaviour.kinds import Kind

SECOND = 1_000_000
RAGE_CLICKS = 3
RAGE_PAUSE = SECOND  # between one click and the next
DEAD_AFTER = 7 * SECOND
REPEATED = 3

_CLICKS = frozenset({Kind.CLICK, Kind.DEAD_CLICK})
_NO_EFFECT = frozenset({Kind.HOVER, Kind.RAGE_CLICK})


class Annoyed(StrEnum):
    """What somebody met."""

    RAGE_CLICKS = "rage_clicks"
    DEAD_CLICKS = "dead_clicks"
    REPEATED_ERRORS = "repeated_errors"
    COMPLAINT = "complaint"


class Annoyance(NamedTuple):
    """One of them: from when, for how long (both in microseconds), on which page, and how often it happened.

    `what` is the label of the element, which error it was, or what the complaint is about; empty when not told.
    """

    at: int
    kind: Annoyed
    what: str
    page: str
    times: int
    lasted: int


def annoyances(facts: Sequence[Fact]) -> list[Annoyance]:
    """All of them, in order of time. `facts` are those of one visit, sorted."""
    rages = list(_rage_clicks(facts))
    found = [
        *rages,
        *_reported_rage(facts, rages),
        *_grouped(Annoyed.DEAD_CLICKS, _dead_clicks(facts), 1),
        *_grouped(Annoyed.REPEATED_ERRORS, (each for each in facts if each.kind is Kind.ERROR), REPEATED),
        *(_one(Annoyed.COMPLAINT, [each]) for each in facts if each.kind is Kind.COMPLAINT),
    ]
    return sorted(found)


def _rage_clicks(facts: Iterable[Fact]) -> Iterator[Annoyance]:
    """Runs of clicks on one element, each soon after the one before."""
    runs: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind not in _CLICKS or not fact.element:
            continue
        run = runs[fact.page, fact.element]
        if run and fact.time - run[-1].time > RAGE_PAUSE:
            if len(run) >= RAGE_CLICKS:
                yield _one(Annoyed.RAGE_CLICKS, run)
            run.clear()
        run.append(fact)
    yield from (_one(Annoyed.RAGE_CLICKS, run) for run in runs.values() if len(run) >= RAGE_CLICKS)


def _reported_rage(facts: Iterable[Fact], seen: Sequence[Annoyance]) -> Iterator[Annoyance]:
    """What an SDK reported, unless its single clicks have shown it."""
    for fact in facts:
        if fact.kind is Kind.RAGE_CLICK and not any(_covers(each, fact) for each in seen):
            one = _one(Annoyed.RAGE_CLICKS, [fact])
            yield one._replace(times=max(fact.number, RAGE_CLICKS))


def _covers(rage: Annoyance, fact: Fact) -> bool:
    in_time = rage.at - RAGE_PAUSE <= fact.time <= rage.at + rage.lasted + 2 * RAGE_PAUSE
    return in_time and rage.page == fact.page and fact.label in {"", rage.what}


def _dead_clicks(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Clicks of which it was said, and those after which the visit went on without any answer for a while.

    Neither a mouse-over nor another click on the same element is an answer. A click that nothing at all follows
    tells nothing: it may have led out of the site.
    """
    following: Fact | None = None
    beyond: Fact | None = None  # the first after it that is no click on the same element
    for fact in reversed(facts):
        if fact.kind in _NO_EFFECT:
            continue
        key = _key(fact)
        answer = beyond if following is not None and key == _key(following) else following
        if fact.kind is Kind.DEAD_CLICK or (fact.kind is Kind.CLICK and _is_late(answer, fact)):
            yield fact
        following, beyond = fact, answer


def _is_late(answer: Fact | None, click: Fact) -> bool:
    return answer is not None and answer.time - click.time > DEAD_AFTER


def _key(fact: Fact) -> tuple[str, str] | None:
    return (fact.page, fact.element) if fact.kind in _CLICKS else None


def _grouped(kind: Annoyed, facts: Iterable[Fact], least: int) -> Iterator[Annoyance]:
    """Those of one element and page together."""
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.page, fact.element].append(fact)
    yield from (_one(kind, sorted(group)) for group in groups.values() if len(group) >= least)


def _one(kind: Annoyed, facts: Sequence[Fact]) -> Annoyance:
    first, last = facts[0], facts[-1]
    lasted = last.time - first.time
    return Annoyance(first.time, kind, first.label or first.element, first.page, len(facts), lasted)
