"""Lists of rejected items for whoever may see them; each look is kept in the audit trail."""

from dataclasses import dataclass

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.masking import Mask
from ingestion.domain.queries.opening import parsed
from ingestion.domain.queries.permitted import permitted
from ingestion.domain.queries.rejections import rejections
from ingestion.models import Rejection


@dataclass(frozen=True, slots=True)
class RejectedItem:
    """A rejected item in a list; its name is empty or a pseudonym for those who may not see behaviour, or not use it."""

    item: Rejection
    name: str


def rejected_items(
    actor: Actor, *, source_id: int | None = None, code: str = "", before: int | None = None, limit: int = 50
) -> list[RejectedItem]:
    """A page, newest first. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    items = rejections(source_id=source_id, code=code, before=before, limit=limit, actor=actor)
    may, mask = permitted(actor, {item.pk: parsed(item.raw) for item in items}), Mask(actor)
    found = [
        RejectedItem(item, (mask.value(Category.BEHAVIOUR, item.name) if item.pk in may else None) or "")
        for item in items
    ]
    if items:
        record_read(
            actor, action="rejections.list", target=f"source:{source_id}" if source_id else "",
            categories=sorted(mask.seen), detail={"items": len(items)},
        )  # fmt: skip
    return found
