"""Clusters: people that a refused link or a decision ties together, to be locked and decided as one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg

from profiles.builder import binary
from profiles.builder.attempt import Restart
from profiles.builder.person import Person
from profiles.identity.evidence import OrderKey
from profiles.identity.partition import Order

_LOCK = """
SELECT id, edges, decisions, due_at IS NOT NULL, last_rank, last_priority, last_time, last_source, last_message
FROM profiles_cluster WHERE id = ANY(%s) ORDER BY id FOR UPDATE
"""
_COLUMNS = "id, edges, decisions, last_rank, last_priority, last_time, last_source, last_message"
_ROWS = f"unnest(%s, %s, %s, %s, %s, %s, %s, %s) AS k({_COLUMNS})"
_NEW = f"INSERT INTO profiles_cluster ({_COLUMNS}) SELECT {_COLUMNS} FROM {_ROWS}"
_RENEW = f"""
UPDATE profiles_cluster c SET
    edges = k.edges, decisions = k.decisions, last_rank = k.last_rank, last_priority = k.last_priority,
    last_time = k.last_time, last_source = k.last_source, last_message = k.last_message
FROM {_ROWS} WHERE c.id = k.id
"""
_IDS = "SELECT nextval('profiles_cluster_id_seq') FROM generate_series(1, %s)"
_DROP = "DELETE FROM profiles_cluster WHERE id = ANY(%s)"


@dataclass(slots=True)
class Cluster:
    """A locked cluster: how many links it is of, how many of them decisions, and which comes last in order."""

    id: int
    edges: int = 0
    decisions: int = 0
    is_due: bool = False
    last: Order | None = None


class Tied(NamedTuple):
    """Sets of identifiers (by index) that a refused link or a decision ties together, and the links of them."""

    sets: set[int]
    edges: int
    decisions: int
    last: Order


def lock(connection: psycopg.Connection[Any], ids: Collection[int]) -> dict[int, Cluster]:
    """Lock these clusters, in order. Raises Restart when one is gone."""
    if not ids:
        return {}
    rows = connection.execute(_LOCK, (binary.bigints(sorted(ids)),), binary=True).fetchall()
    if len(rows) < len(ids):
        raise Restart
    return {
        row: Cluster(row, edges, decisions, is_due, _order(*last))
        for row, edges, decisions, is_due, *last in rows
    }


def _order(rank: int | None, priority: int | None, time: Any, source: int, message: str) -> Order | None:
    if rank is None or priority is None:
        return None
    return Order(rank, priority, OrderKey(time, source, message), ())


def tie(
    connection: psycopg.Connection[Any],
    people: Sequence[Person],
    tied: Collection[Tied],
    free: Collection[int],
) -> None:
    """Have the people that are tied (by index) share a cluster each, and all others none.

    `free` are the locked clusters that these people were in: they are used again or deleted.
    """
    used, unused = sorted(free)[: len(tied)], sorted(free)[len(tied) :]
    fresh = _new_ids(connection, len(tied) - len(used))
    wanted: dict[int, int | None] = dict.fromkeys(range(len(people)))
    renewed = []
    for each, cluster in zip(sorted(tied, key=lambda one: min(one.sets)), used + fresh, strict=True):
        wanted.update(dict.fromkeys(each.sets, cluster))
        renewed.append(Cluster(cluster, each.edges, each.decisions, last=each.last))
    _store(connection, _RENEW, renewed[: len(used)])
    _store(connection, _NEW, renewed[len(used) :])
    if unused:
        connection.execute(_DROP, (binary.bigints(unused),))
    for number, cluster_id in wanted.items():
        belong(people[number], cluster_id)


def belong(person: Person, cluster: int | None) -> None:
    """Have this person be in this cluster, or in none."""
    if person.cluster != cluster:
        person.cluster = cluster
        person.touched = True


def renew(connection: psycopg.Connection[Any], clusters: Iterable[Cluster]) -> None:
    """Store what became of locked clusters."""
    _store(connection, _RENEW, list(clusters))


def _new_ids(connection: psycopg.Connection[Any], count: int) -> list[int]:
    return [row for (row,) in connection.execute(_IDS, (count,)).fetchall()] if count else []


def _store(connection: psycopg.Connection[Any], statement: str, renewed: Sequence[Cluster]) -> None:
    ordered = [(each, each.last) for each in sorted(renewed, key=lambda each: each.id) if each.last]
    if not ordered:
        return
    parameters = (
        binary.bigints([each.id for each, _ in ordered]),
        binary.integers([each.edges for each, _ in ordered]),
        binary.integers([each.decisions for each, _ in ordered]),
        binary.smallints([last.rank for _, last in ordered]),
        binary.smallints([last.priority for _, last in ordered]),
        binary.times([binary.microseconds(last.key.time) for _, last in ordered]),
        binary.integers([last.key.source_id for _, last in ordered]),
        binary.texts([last.key.message_id for _, last in ordered]),
    )
    connection.execute(statement, parameters)
