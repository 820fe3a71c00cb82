"""Resolving the events of a batch: the fast path of those that bring nothing new, attempts for the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from profiles.builder.arrival import Arrival
from profiles.builder.attempt import Restart, Widen
from profiles.builder.known import (
    KnownAnchor,
    KnownEvidence,
    earliest_of_links,
    known_anchors,
    known_evidence,
)
from profiles.builder.outcome import Resolution
from profiles.builder.places import Place, places
from profiles.builder.resolve import Attempt
from profiles.builder.rules import RuleBook
from profiles.identity.evidence import Identifier
from streaming.runtime.consumer import MessageRejected

MOST_ATTEMPTS = 20


@dataclass(slots=True)
class Resolved:
    """Who is who, where each event belongs (by anchor key), and the evidence behind its links (by their key).

    `news` are the events that brought something new to identity, `telling` those that change facts of people.
    """

    resolution: Resolution
    places: Mapping[bytes, Place]
    evidence: Mapping[bytes, int]
    news: list[Arrival] = field(default_factory=list)
    telling: list[Arrival] = field(default_factory=list)


def resolve(connection: psycopg.Connection[Any], book: RuleBook, arrivals: Sequence[Arrival]) -> Resolved:
    """Resolve the events; people whom they change are locked afterwards.

    Raises MessageRejected when others keep changing what it reads.
    """
    telling = [each for each in arrivals if each.traits or changes_lifecycle(each, book)]
    wider: dict[Identifier, Widen] = {}
    for _ in range(MOST_ATTEMPTS):
        known = (
            known_anchors(connection, arrivals),
            known_evidence(connection, earliest_of_links(arrivals)),
        )
        news = [each for each in arrivals if _is_news(each, *known)]
        rows = _rows(telling, known[0])
        if not news and not rows:
            return _resolved(Resolution(), known, news, telling)
        try:
            with connection.transaction():
                resolution = Attempt(connection, book, news, rows, known, wider=wider).run()
        except Widen as found:
            wider[found.identifier] = found.with_all_of(wider.get(found.identifier))
            continue
        except Restart:
            continue
        return _resolved(resolution, known, news, telling)
    raise MessageRejected(f"the people of this batch changed {MOST_ATTEMPTS} times while it was resolved")


def changes_lifecycle(arrival: Arrival, book: RuleBook) -> bool:
    """Whether the event makes a customer."""
    type_, name = arrival.kind
    return type_ == "track" and name in book.lifecycle.customer_events


def _is_news(
    arrival: Arrival, anchors: Mapping[bytes, KnownAnchor], evidence: Mapping[bytes, KnownEvidence]
) -> bool:
    anchor = anchors.get(arrival.anchor_key)
    if anchor is None or anchor.lowered or arrival.unanchored:
        return True
    for key, _ in arrival.links:
        link = evidence.get(key)
        if link is None or link.lowered:
            return True
    return False


def _rows(telling: Sequence[Arrival], anchors: Mapping[bytes, KnownAnchor]) -> set[int]:
    found = (anchors.get(arrival.anchor_key) for arrival in telling)
    return {anchor.profile for anchor in found if anchor and anchor.profile is not None}


def _resolved(
    resolution: Resolution,
    known: tuple[Mapping[bytes, KnownAnchor], Mapping[bytes, KnownEvidence]],
    news: list[Arrival],
    telling: list[Arrival],
) -> Resolved:
    evidence = {key: link.id for key, link in known[1].items()} | resolution.evidence
    return Resolved(resolution, places(known[0], resolution), evidence, news, telling)
