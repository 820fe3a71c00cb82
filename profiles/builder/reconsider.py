"""Deciding people anew when no event asks for it: after decisions of the staff, changes of rules, undone imports."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from profiles.builder import anchors, clusters, nodes, person
from profiles.builder.apply import Applying
from profiles.builder.attempt import Restart
from profiles.builder.cause import Cause
from profiles.builder.closure import Closure, closure
from profiles.builder.groups import Group, Way
from profiles.builder.outcome import Resolution
from profiles.builder.person import Person
from profiles.builder.renewing import Renewal
from profiles.builder.rules import RULES_LOCK, RuleBook
from streaming.domain.publishing import publish

MOST_ATTEMPTS = 20
ALL_EDGES = 2**31

_LOCK = "SELECT pg_advisory_xact_lock_shared(%s)"

__all__ = ["Busy", "Cause", "Reconsidered", "reconsider", "reconsidered"]


class Reconsidered(NamedTuple):
    """What came of it. `ids` are those of the people who were looked at, as they are now."""

    merges: int
    splits: int
    deferred: int
    ids: list[UUID]


class Busy(Exception):
    """Others kept changing the same people. Nothing was done; it may be tried again."""


def reconsidered(
    connection: psycopg.Connection[Any],
    book: RuleBook,
    seeds: Collection[int],
    now: datetime,
    cause: Cause,
    *,
    writer: str,
) -> Reconsidered:
    """`reconsider` as often as others get in between. Raises Busy in the end; then nothing was done."""
    for _ in range(MOST_ATTEMPTS):
        try:
            with connection.transaction():
                return reconsider(connection, book, seeds, now, cause, writer=writer)
        except Restart:
            continue
    raise Busy("Others are changing the same people. Try again.")


def reconsider(
    connection: psycopg.Connection[Any],
    book: RuleBook,
    seeds: Collection[int],
    now: datetime,
    cause: Cause,
    *,
    writer: str,
) -> Reconsidered:
    """Decide the people around these identifiers (by id) anew, from all evidence and by these rules.

    Inside the caller's transaction, as its last step: it locks people and publishes what changed as `writer`.
    Doing it again changes nothing. Raises Restart when others changed meanwhile what it had read; then its effects
    must be undone.
    """
    with _plain_cursors(connection):
        connection.execute(_LOCK, (RULES_LOCK,))
        found, people = _locked(connection, book, seeds)
        resolution = Resolution(people=people)
        Applying(connection, resolution, book).run([_group(found)])
        anchors.insert(connection, resolution.anchors.values())
        renewal = Renewal(connection, resolution, book, cause, now)
        renewal.store()
    publish(renewal.records, writer=writer)
    living = [UUID(each.public_id) for row, each in resolution.people.items() if row not in resolution.gone]
    return Reconsidered(len(resolution.merges), len(resolution.splits), 0, living)


def _locked(
    connection: psycopg.Connection[Any], book: RuleBook, seeds: Collection[int]
) -> tuple[Closure, dict[int, Person]]:
    """All that belongs to the seeds, and its people, locked. Raises Restart when it has changed meanwhile."""
    found = closure(connection, seeds, book.namespaces, most_edges=ALL_EDGES)
    nodes.lock_by_id(connection, found.unowned)
    clusters.lock(connection, found.clusters)
    people = person.lock(connection, found.rows, ())
    person.verify(people, found.rows, found.clusters)
    again = closure(connection, seeds, book.namespaces, most_edges=ALL_EDGES)
    if again.extent != found.extent:
        raise Restart
    return again, people


def _group(found: Closure) -> Group:
    group = Group()
    group.rows, group.clusters = set(found.rows), set(found.clusters)
    group.way, group.closure = Way.REPLAY, found
    return group


@contextmanager
def _plain_cursors(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Django's cursors cannot send arrays in binary."""
    former, connection.cursor_factory = connection.cursor_factory, psycopg.Cursor
    try:
        yield
    finally:
        connection.cursor_factory = former
