"""Who did what to whom: rows without foreign keys that are only ever added, committed before the answer.

The people concerned stand in it as keyed pseudonyms, so that a person can be searched for and erasing them does
not touch the trail. A later job links the rows into a hash chain.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from compliance.actors import Actor
from compliance.enums import Category, Operation
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry
from streaming.database import connect
from streaming.prepared import add_prepared, on_own_connection, rows_parameter

DENIED = "access.denied"
MOST_TARGET = 200  # characters
_AS_TEXT = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS

# One statement that commits by itself: a profile is read hundreds of times a second, each read with its row. The rows of
# reads at the same time are one list. The types have no length, so that what is too long is refused and never cut off.
_KEEP = """
INSERT INTO compliance_auditentry
    (actor_kind, actor, address, action, target, subjects, categories, purpose, detail)
SELECT actor_kind, actor, address, action, target, subjects, categories, purpose, detail
FROM json_to_recordset(%s::json) AS row (
    actor_kind varchar, actor varchar, address varchar, action varchar, target varchar, subjects uuid[],
    categories varchar[], purpose varchar, detail jsonb
)
"""


def record_read(
    actor: Actor,
    *,
    action: str,
    target: str = "",
    subjects: Iterable[str | UUID] = (),
    categories: Iterable[Category] = (),
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Keep that the actor reads personal data of these people (ids of profiles); call it before answering.

    The row is committed when this returns. Raises RuntimeError inside a transaction, which could undo it.
    `detail` says what was asked for (a filter, a number of results) without the data itself.
    """
    if on_own_connection() and _may_be_undone():
        raise RuntimeError("a read of personal data is recorded inside a transaction, which could undo it")
    values = _values(
        actor, action=action, target=target, subjects=subjects, categories=categories, detail=detail
    )
    add_prepared(_KEEP, _row(values))


def record_change(
    actor: Actor,
    *,
    action: str,
    target: str,
    subjects: Iterable[str | UUID] = (),
    categories: Iterable[Category] = (),
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Keep that the actor changed the target; in the caller's transaction, so that both happen or neither."""
    values = _values(
        actor, action=action, target=target, subjects=subjects, categories=categories, detail=detail
    )
    AuditEntry(**values).save(force_insert=True)


def record_changes(actor: Actor, *, action: str, targets: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep that the actor changed each of these targets, with its own detail; like `record_change`, in one statement."""
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(**_values(actor, action=action, target=target, detail=detail))
            for target, detail in targets.items()
        ]
    )


def record_denial(actor: Actor, *, operation: Operation, categories: Iterable[Category] = ()) -> None:
    """Keep that the actor asked for what they may not do, or for data of categories that are hidden from them.

    Inside a transaction through a session of its own.
    """
    values = _values(actor, action=DENIED, target=operation.value, categories=categories)
    if _may_be_undone():
        _save_elsewhere(values)
    else:
        AuditEntry(**values).save(force_insert=True)


def record_denied_use(actor: Actor, *, subjects: Iterable[str | UUID], purposes: Iterable[str]) -> None:
    """Keep that the actor asked for people who may not be used for any of these purposes; empty: for nothing but storing."""
    target = f"use:{','.join(purposes)}"[:MOST_TARGET]
    values = _values(actor, action=DENIED, target=target, subjects=subjects)
    if on_own_connection() and _may_be_undone():
        _save_elsewhere(values)
    else:
        add_prepared(_KEEP, _row(values))


def _values(
    actor: Actor,
    *,
    action: str,
    target: str,
    subjects: Iterable[str | UUID] = (),
    categories: Iterable[Category] = (),
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The fields of a row; a model only where one is saved, for a read is recorded hundreds of times a second."""
    return {
        "actor_kind": actor.kind,
        "actor": actor.name,
        "address": actor.address,
        "action": action,
        "target": target,
        "subjects": sorted({pseudonym(subject) for subject in subjects}),
        "categories": sorted(set(categories)),
        "purpose": actor.purpose,
        "detail": dict(detail or {}),
    }


def _may_be_undone() -> bool:
    """Whether a transaction of ours is open; the one that Django's tests wrap around each does not count."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _save_elsewhere(values: Mapping[str, Any]) -> None:
    with connect(autocommit=True, application_name="headwater audit") as session:
        session.execute(_KEEP, [rows_parameter([_row(values)])])


def _row(values: Mapping[str, Any]) -> str:
    """The fields as JSON."""
    try:
        return orjson.dumps(values, default=str, option=_AS_TEXT).decode()
    except (
        orjson.JSONEncodeError
    ):  # what only Python's own can write, such as a number that is larger than most
        return json.dumps(values, default=str)
