"""Undoing what an import said of who is who."""

from datetime import datetime

from compliance.access import Actor
from profiles.domain.decisions import evidence
from profiles.domain.decisions.deciding import Deciding, decided
from profiles.enums import EvidenceState
from profiles.models import Evidence

STEP = 200  # links


def withdraw_import(actor: Actor, import_id: int, *, now: datetime) -> int:
    """Withdraw a bounded number of the links that only this import brought; returns how many. Zero: all are.

    Call it again until then; it may stop anywhere and go on from there. Nothing is kept apart: other sources may say
    the same. Traits and counters of the import are not touched. Raises AccessDenied, Busy.
    """
    return decided(
        actor, lambda deciding: _step(deciding, import_id), why=f"import {import_id} was undone", now=now
    )


def _step(deciding: Deciding, import_id: int) -> int:
    left = Evidence.objects.filter(import_id=import_id).exclude(state=EvidenceState.WITHDRAWN)
    ids = list(left.order_by("id").values_list("id", flat=True)[:STEP])
    if not ids:
        return 0
    deciding.lock({row for link in evidence.links_numbered(ids) for row in link.rows})
    links = evidence.links_numbered(ids)
    deciding.check({row for link in links for row in link.rows})
    deciding.void(links)
    deciding.reconsider({end for link in links for end in link.pair})
    deciding.record("identity.withdraw_import", target=f"import:{import_id}", detail={"links": len(links)})
    return len(links)
