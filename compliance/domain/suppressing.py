"""Suppressing all identifiers of a person at once, so that they can be lifted at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Count

from compliance.access import category_of_namespace, require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.identifiers import key_fingerprint, keyed_hash
from compliance.models import SuppressedIdentifier

# Those of two people at once are added in one order, so that neither waits for the other.
_ADD = """
INSERT INTO compliance_suppressedidentifier (namespace, hash, key, reason, at, by, together)
SELECT *, %s, %s, %s, %s, %s FROM unnest(%s::varchar[], %s::bytea[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING
"""


def suppress_together(
    identifiers: Collection[tuple[str, str]], *, subject: UUID, by: Actor, now: datetime, reason: str
) -> int:
    """Take nothing any more that names any of these (namespace, value in its normal form), which are the subject's.

    Gives how many were not suppressed yet. What is stored stays until it is erased. Raises AccessDenied.
    """
    require(by, Operation.SUPPRESSIONS_MANAGE)
    together = uuid4()
    with transaction.atomic():
        made = _add(identifiers, [key_fingerprint(), reason, now, by.name, together])
        if made:
            record_change(
                by,
                action="suppression.person",
                target=f"suppression:{together}",
                subjects=[subject, *(f"{namespace}:{normal}" for namespace, normal in identifiers)],
                categories={category_of_namespace(namespace) for namespace, _ in identifiers},
                detail={"reason": reason, "identifiers": made},
            )
    return made


def _add(identifiers: Iterable[tuple[str, str]], common: Sequence[Any]) -> int:
    namespaces = [namespace for namespace, _ in identifiers]
    hashes = [keyed_hash(namespace, normal) for namespace, normal in identifiers]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*common, namespaces, hashes])
        return int(cursor.rowcount)


def lift_together(suppressed_id: int, *, by: Actor) -> int:
    """Undo the suppression of this row and of those that were suppressed with it; gives how many there were.

    Raises AccessDenied.
    """
    require(by, Operation.SUPPRESSIONS_MANAGE)
    with transaction.atomic():
        together = (
            SuppressedIdentifier.objects.filter(pk=suppressed_id).values_list("together", flat=True).first()
        )
        if together is None:
            return 0
        lifted, _ = SuppressedIdentifier.objects.filter(together=together).delete()
        if lifted:
            record_change(
                by,
                action="suppression.lift_person",
                target=f"suppression:{together}",
                detail={"identifiers": lifted},
            )
    return lifted


def counts_together(rows: Iterable[SuppressedIdentifier]) -> Mapping[UUID, int]:
    """How many there are still of those that each of the rows was suppressed with, itself among them."""
    groups = {row.together for row in rows if row.together is not None}
    found = SuppressedIdentifier.objects.filter(together__in=groups).values_list("together")
    return dict(found.annotate(Count("pk")).order_by())
