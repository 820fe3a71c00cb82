"""Clusters: people that a refused link or a decision ties together, to be locked and decided as one."""

from collections.abc import Collection, Sequence
from typing import Any

import psycopg

from profiles.builder.person import Person

_NEW = "INSERT INTO profiles_cluster (edges) VALUES (%s) RETURNING id"
_RENEW = "UPDATE profiles_cluster SET edges = %s WHERE id = %s"
_DROP = "DELETE FROM profiles_cluster WHERE id = ANY(%s)"


def tie(
    connection: psycopg.Connection[Any],
    people: Sequence[Person],
    tied: Collection[set[int]],
    free: Collection[int],
    edges: int,
) -> None:
    """Have the people that are tied (by index) share a cluster each, and all others none.

    `free` are the locked clusters that these people were in: they are used again or deleted.
    """
    unused = sorted(free)
    wanted: dict[int, int | None] = dict.fromkeys(range(len(people)))
    for together in sorted(tied, key=min):
        cluster = unused.pop(0) if unused else None
        if cluster is None:
            cluster = _new(connection, edges)
        else:
            connection.execute(_RENEW, (edges, cluster))
        wanted.update(dict.fromkeys(together, cluster))
    if unused:
        connection.execute(_DROP, (unused,))
    for number, cluster in wanted.items():
        person = people[number]
        if person.cluster != cluster:
            person.cluster = cluster
            person.touched = True


def _new(connection: psycopg.Connection[Any], edges: int) -> int:
    row = connection.execute(_NEW, (edges,)).fetchone()
    assert row is not None
    cluster: int = row[0]
    return cluster
