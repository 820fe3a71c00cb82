"""Lists of rejected items for whoever may see them; each look is kept in the audit trail."""

from dataclasses import dataclass

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.masking import Mask
from ingestion.domain.queries.rejections import rejections
from ingestion.models import Rejection


@dataclass(frozen=True, slots=True)
class RejectedItem:
    """A rejected item in a list; its name is empty or a pseudonym for those who may not see behaviour."""

    item: Rejection
    name: str


def rejected_items(
    actor: Actor, *, source_id: int | None = None, code: str = "", before: int | None = None, limit: int = 50
) -> list[RejectedItem]:
    """A page, newest first. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    items = rejections(source_id=source_id, code=code, before=before, limit=limit, actor=actor)
    mask = Mask(actor)
    found = [RejectedItem(item, mask.value(Category.BEHAVIOUR, item.name) or "") for item in items]
    if items:
        record_read(
            actor, action="rejections.list", target=f"source:{source_id}" if source_id else "",
            categories=sorted(mask.seen), detail={"items": len(items)},
        )  # fmt: skip
    return found
