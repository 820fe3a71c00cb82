"""People as the builder holds them while their rows are locked."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
import psycopg

from profiles.builder import binary
from profiles.builder.attempt import Restart
from profiles.enums import Lifecycle

_COLUMNS = "id, public_id::text, traits::text, provenance::text, lifecycle, first_seen, last_purchase, cluster_id, version"
_LOCK = f"SELECT {_COLUMNS} FROM profiles_profile WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_LOCK_WITH_CLUSTERS = f"""
SELECT {_COLUMNS} FROM profiles_profile WHERE id = ANY(%s) OR cluster_id = ANY(%s)
ORDER BY id FOR NO KEY UPDATE
"""
_NEW_ROWS = "SELECT nextval('profiles_profile_id_seq') FROM generate_series(1, %s)"


class Person:
    """One profile row, locked or new. Times are PostgreSQL's microseconds, ids are text.

    `changed_keys` are the traits that changed in this batch; `gained` says that it got identifiers or anchors;
    `absorbed` are the people that were merged into it. `former_traits` are those of somebody whose facts are folded
    in anew.
    """

    __slots__ = (
        "absorbed",
        "changed_keys",
        "cluster",
        "first_seen",
        "former_traits",
        "gained",
        "identified",
        "is_new",
        "last_purchase",
        "lifecycle",
        "lifecycle_before",
        "provenance",
        "public_id",
        "row",
        "touched",
        "traits",
        "version",
    )  # fmt: skip

    def __init__(self, row: int, public_id: str, first_seen: int) -> None:
        self.row = row
        self.public_id = public_id
        self.first_seen = first_seen
        self.traits: dict[str, Any] = {}
        self.provenance: dict[str, dict[str, Any]] = {}
        self.lifecycle = Lifecycle.VISITOR
        self.lifecycle_before = Lifecycle.VISITOR
        self.identified = False
        self.last_purchase: int | None = None
        self.cluster: int | None = None
        self.version = 0
        self.is_new = True
        self.gained = False
        self.touched = False
        self.changed_keys: set[str] = set()
        self.absorbed: list[Person] = []
        self.former_traits: dict[str, Any] | None = None

    @property
    def seniority(self) -> tuple[int, str]:
        """Who keeps the id in a merge: the one first seen."""
        return (self.first_seen, self.public_id)

    def restart(self, first_seen: int) -> None:
        """Forget what follows from facts, of which some leave: those that stay are to be folded in anew."""
        self.former_traits, self.traits, self.provenance = self.traits, {}, {}
        self.last_purchase, self.identified = None, False
        self.first_seen = first_seen
        self.gained = self.touched = True

    def compare(self) -> None:
        """Let `changed_keys` be those whose values are others than before, once all is folded in anew."""
        former = self.former_traits
        if former is not None:
            both = former.keys() | self.traits.keys()
            self.changed_keys = {key for key in both if not _is_same(former.get(key), self.traits.get(key))}


def _is_same(before: Any, after: Any) -> bool:
    return before.__class__ is after.__class__ and bool(before == after)


def lock(
    connection: psycopg.Connection[Any], rows: Collection[int], clusters: Collection[int]
) -> dict[int, Person]:
    """Lock people, in order, and everybody of these clusters, which are locked. Raises Restart when one is gone."""
    if clusters:
        found = connection.execute(_LOCK_WITH_CLUSTERS, (sorted(rows), sorted(clusters)), binary=True)
    else:
        found = connection.execute(_LOCK, (binary.bigints(sorted(rows)),), binary=True)
    people = {row[0]: _person(row) for row in found}
    if any(row not in people for row in rows):
        raise Restart
    return people


def verify(people: Mapping[int, Person], rows: Collection[int], clusters: Collection[int]) -> None:
    """Make sure that these people are in the clusters that were locked. Raises Restart when not."""
    if any((cluster := people[row].cluster) is not None and cluster not in clusters for row in rows):
        raise Restart


def _person(row: tuple[Any, ...]) -> Person:
    person = Person(row[0], row[1], binary.microseconds(row[5]))
    person.traits, person.provenance = orjson.loads(row[2]), orjson.loads(row[3])
    person.lifecycle = person.lifecycle_before = Lifecycle(row[4])
    person.identified = person.lifecycle is not Lifecycle.VISITOR
    person.last_purchase = None if row[6] is None else binary.microseconds(row[6])
    person.cluster, person.version = row[7], row[8]
    person.is_new = False
    return person


def new_rows(connection: psycopg.Connection[Any], count: int) -> list[int]:
    """Fresh row numbers for people."""
    return [row for (row,) in connection.execute(_NEW_ROWS, (count,)).fetchall()] if count else []
