"""Identifiers of people of whom nothing may be stored any more. Only keyed hashes are kept.

The collector, imports and the profile builder ask a snapshot for every event; while nobody is suppressed it is
falsy and costs nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from django.db import transaction

from compliance.access import AccessDenied, category_of_namespace, masked, require
from compliance.actors import Actor
from compliance.audit import record_change, record_denial
from compliance.enums import Operation
from compliance.identifiers import Places, key_fingerprint, keyed_hash, keyed_hashes, normalise
from compliance.models import SuppressedIdentifier
from streaming.prepared import run_prepared

_VERSION = """
SELECT count(*), max(id), (SELECT hash FROM compliance_suppressedidentifier ORDER BY id DESC LIMIT 1)
FROM compliance_suppressedidentifier
"""
_KNOWN = "SELECT namespace, hash FROM compliance_suppressedidentifier"
USER, ANONYMOUS = "user_id", "anonymous_id"
MOST_REASON = 200  # characters of why, which a row has room for
_NAMESPACE = re.compile(r"[-a-zA-Z0-9_]{1,40}")


class UnusableIdentifier(ValueError):
    """The value identifies nobody, so it cannot be suppressed; the message does not repeat it."""


def _default_normalisers() -> Mapping[str, str]:
    return {"email": "email", "phone": "phone"}


_normalisers: list[Callable[[], Mapping[str, str]]] = [_default_normalisers]


def register_normalisers(read: Callable[[], Mapping[str, str]]) -> None:
    """Say how to find the normaliser of each namespace (the app that configures namespaces does).

    Without it e-mail addresses and telephone numbers have theirs, and everything else is text.
    """
    _normalisers[:] = [read]


Unusable = Callable[[str, str], bool]


def _all_usable(namespace: str, normal: str) -> bool:
    del namespace, normal
    return False


_unusable: list[Callable[[], Unusable]] = [lambda: _all_usable]


def register_unusable(read: Callable[[], Unusable]) -> None:
    """Say how to find which values identify nobody, such as `guest` (the app that configures namespaces does).

    It is asked once for a snapshot, and gives a function of a namespace and a value in its normal form. Without
    it every value identifies somebody.
    """
    _unusable[:] = [read]


@dataclass(frozen=True, slots=True)
class Place:
    """Where identifiers of a namespace stand in events: a path of `compliance.identifiers.places`.

    `is_persons`: they are of persons, not of devices, households or groups.
    """

    namespace: str
    path: str
    is_persons: bool


def _default_places() -> Iterable[Place]:
    contacts = ("traits.email", "context.traits.email", "traits.phone", "context.traits.phone")
    return [
        Place("user_id", "user_id", is_persons=True),
        Place("anonymous_id", "anonymous_id", is_persons=False),
        *(Place(path.rpartition(".")[2], path, is_persons=True) for path in contacts),
    ]


_places: list[Callable[[], Iterable[Place]]] = [_default_places]


def register_places(read: Callable[[], Iterable[Place]]) -> None:
    """Say how to find where identifiers stand in events (the app that configures namespaces does).

    It is asked once for a snapshot. Without it they are the ids of an event and the contact data in its traits.
    """
    _places[:] = [read]


@dataclass(frozen=True, slots=True)
class Suppressions:
    """The suppressed identifiers of one moment. Immutable; any thread may use it.

    `persons` and `others` say where in events identifiers stand, of persons and of anything else, each with its
    namespace; `sought_persons` and `sought_others` are those among them that have to be looked at to find somebody.
    `namespaces` are those of which any value is suppressed, None when that is not known.
    """

    hashes: frozenset[bytes] = frozenset()
    normalisers: Mapping[str, str] = field(default_factory=dict)
    unusable: Unusable = _all_usable
    persons: Places[str] = field(default_factory=lambda: Places(()))
    others: Places[str] = field(default_factory=lambda: Places(()))
    namespaces: frozenset[str] | None = None
    sought_persons: Places[str] = field(init=False)
    sought_others: Places[str] = field(init=False)

    def __post_init__(self) -> None:
        sought = self.namespaces
        others = self.others if sought is None else self.others.of(sought)
        # A device counts only without a usable user, so that beside one the users have to be known too.
        wanted = sought if sought is None or sought.isdisjoint(self._of_others()) else sought | {USER}
        object.__setattr__(self, "sought_others", others)
        object.__setattr__(
            self, "sought_persons", self.persons if wanted is None else self.persons.of(wanted)
        )

    def _of_others(self) -> set[str]:
        return {ANONYMOUS, *self.others.tags}

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def _has_any(self, namespace: str) -> bool:
        return bool(self.hashes) and (self.namespaces is None or namespace in self.namespaces)

    def is_suppressed(self, namespace: str, value: str) -> bool:
        """Whether this value, as a source sends it, is suppressed."""
        if not self._has_any(namespace):
            return False
        normal = normalise(self.normalisers.get(namespace, "text"), value)
        return normal is not None and keyed_hash(namespace, normal) in self.hashes

    def has_any_of(self, namespace: str, values: Iterable[str]) -> bool:
        """Whether one of these values, as a source sends them, is suppressed. Hot: all is looked up once."""
        if not self._has_any(namespace):
            return False
        normaliser = self.normalisers.get(namespace, "text")
        normal = [form for value in values if (form := normalise(normaliser, value)) is not None]
        return not self.hashes.isdisjoint(keyed_hashes(namespace, normal))

    def identifies(self, namespace: str, value: str) -> bool:
        """Whether this value, as a source sends it, identifies somebody at all."""
        normal = normalise(self.normalisers.get(namespace, "text"), value)
        return normal is not None and not self.unusable(namespace, normal)

    def has(self, namespace: str, normal: str) -> bool:
        """Whether this value, in the normal form of its namespace, is suppressed."""
        return self._has_any(namespace) and keyed_hash(namespace, normal) in self.hashes


Query = Callable[[str], list[tuple[Any, ...]]]


def snapshot() -> Suppressions:
    """The suppressed identifiers now, through Django. Raises django.db.Error when the database is away."""
    hashes, namespaces = _current.known(run_prepared)
    if not hashes:
        return Suppressions()
    persons, others = _read_places()
    return Suppressions(hashes, _normalisers[0](), _unusable[0](), persons, others, namespaces)


def suppressions_of(identifiers: Iterable[tuple[str, str]]) -> Suppressions:
    """As if only these (namespace, value in its normal form) were suppressed: for finding what they are named in."""
    wanted = list(identifiers)
    persons, others = _read_places()
    hashes = frozenset(keyed_hash(namespace, normal) for namespace, normal in wanted)
    namespaces = frozenset(namespace for namespace, _ in wanted)
    return Suppressions(hashes, _normalisers[0](), _unusable[0](), persons, others, namespaces)


def _read_places() -> tuple[Places[str], Places[str]]:
    """Where identifiers of persons stand, and where those of anything else."""
    places = list(_places[0]())
    persons, others = (
        Places((each.path, each.namespace) for each in places if each.is_persons is is_persons)
        for is_persons in (True, False)
    )
    return persons, others


def snapshot_within(session: psycopg.Connection[Any]) -> Suppressions:
    """The suppressed identifiers as this session sees them, for callers of `has`: it knows neither normalisers nor places."""
    hashes, namespaces = _current.known(lambda sql: session.execute(sql).fetchall())
    return Suppressions(hashes, namespaces=namespaces)


_Known = tuple[frozenset[bytes], frozenset[str]]


class _Current:
    """The hashes read last and their namespaces, given again as long as nothing has changed: rows are only added and deleted."""

    def __init__(self) -> None:
        self._known: tuple[tuple[Any, ...], _Known] = ((0, None, None), (frozenset(), frozenset()))

    def known(self, query: Query) -> _Known:
        [(count, newest, newest_hash)] = query(_VERSION)
        version = (count, newest, None if newest_hash is None else bytes(newest_hash))
        seen, known = self._known
        if seen != version:
            rows = query(_KNOWN)
            known = frozenset(bytes(row[1]) for row in rows), frozenset(row[0] for row in rows)
            self._known = (version, known)
        return known


_current = _Current()


def suppress(namespace: str, value: str, *, by: Actor, now: datetime, reason: str = "") -> bool:
    """Take nothing any more that names this identifier; False when it is suppressed already.

    What is stored stays until it is erased. Raises UnusableIdentifier, and AccessDenied for identifiers of a kind that
    the actor may not see: the answer would tell whether somebody with this one has been suppressed.
    """
    _require_sight(by, namespace)
    with transaction.atomic():
        _, made = SuppressedIdentifier.objects.get_or_create(
            namespace=namespace,
            hash=_hash(namespace, value),
            defaults={"reason": reason, "at": now, "by": by.name, "key": key_fingerprint()},
        )
        if made:
            _record(by, namespace, value, reason)
    return made


def _require_sight(by: Actor, namespace: str) -> None:
    require(by, Operation.SUPPRESSIONS_MANAGE)
    category = category_of_namespace(namespace)
    if masked(by, category):
        record_denial(by, operation=Operation.SUPPRESSIONS_MANAGE)
        raise AccessDenied(
            f"{by.name} may not see data of the category {category.value!r}, so they cannot name who is meant by it: "
            "suppress the person from their page instead"
        )


def lift(suppressed_id: int, *, by: Actor) -> bool:
    """Undo the suppression of this row, for who sees rows and not values; False when it is gone already."""
    require(by, Operation.SUPPRESSIONS_MANAGE)
    with transaction.atomic():
        row = SuppressedIdentifier.objects.select_for_update().filter(pk=suppressed_id).first()
        if row is not None:
            row.delete()
            record_change(by, action="suppression.remove", target=f"suppression:{row.namespace}")
    return row is not None


def _hash(namespace: str, value: str) -> bytes:
    return keyed_hash(namespace, _normal(namespace, value))


def _normal(namespace: str, value: str) -> str:
    if _NAMESPACE.fullmatch(namespace) is None:
        raise UnusableIdentifier("this is no kind of identifier: write one such as user_id or email")
    normaliser = _normalisers[0]().get(namespace, "text")
    normal = normalise(normaliser, value)
    if normal is None:
        raise UnusableIdentifier(
            f"this value cannot be an identifier of {namespace!r} (normaliser {normaliser!r})"
        )
    return normal


def _record(by: Actor, namespace: str, value: str, reason: str) -> None:
    record_change(
        by,
        action="suppression.add",
        target=f"suppression:{namespace}",
        subjects=[f"{namespace}:{_normal(namespace, value)}"],
        categories=[category_of_namespace(namespace)],
        detail={"reason": reason} if reason else {},
    )


def of_other_keys() -> int:
    """How many suppressions were made with another IDENTIFIER_KEY: they cannot be recognised any more."""
    return SuppressedIdentifier.objects.exclude(key=key_fingerprint()).count()
