"""A new incarnation, after the database lost what it had committed: a restore, or a failover that was not synchronous.

Numbers that were given out before may be given out again. Raised above all of them, the incarnation keeps readers of
derived topics from taking a rewound number for a newer one, and what they hold of lost changes is published anew.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from streaming.domain import oversight

_RAISE = "UPDATE installation SET incarnation = incarnation + 1 RETURNING incarnation"
_CURRENT = "SELECT incarnation FROM installation"

Step = Callable[[datetime], int]
"""Publishes a bounded part of what was last published in a former incarnation; how much that was, 0: all is done."""


class Rebuilt(NamedTuple):
    """What a step published of a derived topic."""

    topic: str
    records: int


_rebuilders: dict[str, Step] = {}


def register_rebuilder(topic: str, step: Step) -> None:
    """Have what a derived topic says published anew when the incarnation was raised."""
    _rebuilders[topic] = step


def raise_incarnation(*, actor: Any, now: datetime) -> int:
    """The new incarnation. Stop all consumers before: a batch in hand would publish in the former one."""
    oversight.require_decider(actor)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RAISE)
        (incarnation,) = cursor.fetchone()
        detail = {"incarnation": incarnation, "at": now.isoformat()}
        oversight.record_decision(actor, action="raise_incarnation", target="installation", detail=detail)
    return int(incarnation)


def current_incarnation() -> int:
    """The incarnation of now."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT)
        (incarnation,) = cursor.fetchone()
    return int(incarnation)


def rebuild(*, actor: Any, now: datetime) -> Iterator[Rebuilt]:
    """Publish all derived topics anew, step by step; interrupted, the next call goes on. Raises LogError."""
    oversight.require_decider(actor)
    for topic, step in _rebuilders.items():
        while records := step(now):
            yield Rebuilt(topic, records)
