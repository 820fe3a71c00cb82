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

_READ = """
SELECT id, edges, decisions, due_at IS NOT NULL, last_rank, last_priority, last_time, last_source, last_message
FROM profiles_cluster WHERE id = ANY(%s) ORDER BY id
"""
_LOCK = f"{_READ} FOR UPDATE"
# Many batches may add to a cluster that is due, whoever has the background job end it.
_SHARE = """
SELECT pg_advisory_xact_lock_shared(hashtextextended('profiles_cluster', id)) FROM unnest(%s) AS k(id) ORDER BY id
"""
_OWN = "SELECT pg_advisory_xact_lock(hashtextextended('profiles_cluster', %s))"
_DUE = "SELECT id FROM profiles_cluster WHERE id = ANY(%s) AND due_at IS NOT NULL"
_COLUMNS = "id, edges, decisions, last_rank, last_priority, last_time, last_source, last_message"
_ROWS = f"unnest(%s, %s, %s, %s, %s, %s, %s, %s) AS k({_COLUMNS})"
_NEW = f"INSERT INTO profiles_cluster ({_COLUMNS}) SELECT {_COLUMNS} FROM {_ROWS}"
_RENEW = f"""
UPDATE profiles_cluster c SET
    edges = k.edges, decisions = k.decisions, last_rank = k.last_rank, last_priority = k.last_priority,
    last_time = k.last_time, last_source = k.last_source, last_message = k.last_message,
    due_at = CASE WHEN due_at IS NOT NULL THEN clock_timestamp() END
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
    """Lock these clusters, in order, whether they are due or not. Raises Restart when one is gone."""
    return _read(connection, _LOCK, ids)


def lock_or_share(connection: psycopg.Connection[Any], ids: Collection[int]) -> dict[int, Cluster]:
    """Lock these clusters; have those that are due stay so, together with others. Raises Restart when one changed."""
    if not ids:
        return {}
    due = {row for (row,) in connection.execute(_DUE, (binary.bigints(sorted(ids)),), binary=True)}
    if due:
        connection.execute(_SHARE, (binary.bigints(sorted(due)),))
    shared = _read(connection, _READ, due)
    locked = _read(connection, _LOCK, set(ids) - due)
    if not all(each.is_due for each in shared.values()) or any(each.is_due for each in locked.values()):
        raise Restart
    return shared | locked


def own(connection: psycopg.Connection[Any], cluster: int) -> None:
    """Wait until nobody adds to a cluster that is due, and let nobody do so until the transaction ends."""
    connection.execute(_OWN, (cluster,))


def _read(connection: psycopg.Connection[Any], query: str, ids: Collection[int]) -> dict[int, Cluster]:
    if not ids:
        return {}
    rows = connection.execute(query, (binary.bigints(sorted(ids)),), binary=True).fetchall()
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
