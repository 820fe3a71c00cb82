"""Deciding people anew when no event asks for it: after decisions of the staff, changes of rules, undone imports."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from profiles.builder import anchors, clusters, deferring, nodes, person
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

_JOIN = "UPDATE profiles_profile SET cluster_id = %s WHERE id = ANY(%s)"
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
    Doing it again changes nothing. More than MOST_EDGES links are left to the background job: their people wait for it as
    they are, in a cluster that is due. Raises Restart when others changed meanwhile what it had read; then its effects
    must be undone.
    """
    with plain_cursors(connection):
        connection.execute(_LOCK, (RULES_LOCK,))
        found, people = _locked(connection, book, seeds)
        if found.is_cut:
            return Reconsidered(0, 0, 1, _put_off(connection, people))
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
    found = closure(connection, seeds, book.namespaces)
    if found.is_cut and not found.holders:  # links of a group or a blocked value: nobody changes
        found = closure(connection, seeds, book.namespaces, most_edges=ALL_EDGES)
    if found.is_cut:
        return found, _some_of(connection, found, seeds)
    nodes.lock_by_id(connection, found.unowned)
    clusters.lock(connection, found.clusters)
    people = person.lock(connection, found.rows, ())
    person.verify(people, found.rows, found.clusters)
    again = closure(
        connection, seeds, book.namespaces, most_edges=ALL_EDGES
    )  # the same, or others changed it
    if again.extent != found.extent:
        raise Restart
    return again, people


def _some_of(
    connection: psycopg.Connection[Any], found: Closure, seeds: Collection[int]
) -> dict[int, Person]:
    """Those of the people whom the seeds name, or else all that were found so far, locked."""
    clusters.lock(connection, found.clusters)
    named = {each.profile for row, each in found.stored.items() if row in seeds and each.profile is not None}
    people = person.lock(connection, named or found.holders, ())
    person.verify(people, people.keys(), found.clusters)
    return people


def _put_off(connection: psycopg.Connection[Any], people: dict[int, Person]) -> list[UUID]:
    """Have these people, and all that belong to them, wait for the background job."""
    cluster = deferring.again(connection, {p.cluster for p in people.values() if p.cluster is not None})
    free = sorted(row for row, each in people.items() if each.cluster is None)
    connection.execute(_JOIN, (cluster, free))
    return [UUID(each.public_id) for each in people.values()]


def _group(found: Closure) -> Group:
    group = Group()
    group.rows, group.clusters = set(found.rows), set(found.clusters)
    group.way, group.closure = Way.REPLAY, found
    return group


@contextmanager
def plain_cursors(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Django's cursors cannot send arrays in binary."""
    former, connection.cursor_factory = connection.cursor_factory, psycopg.Cursor
    try:
        yield
    finally:
        connection.cursor_factory = former
