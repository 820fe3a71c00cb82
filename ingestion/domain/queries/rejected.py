"""Lists of rejected items for whoever may see them; each look is kept in the audit trail."""

from dataclasses import dataclass

from compliance.access import Actor, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.queries.rejections import rejections
from ingestion.models import Rejection


@dataclass(frozen=True, slots=True)
class RejectedItem:
    """A rejected item in a list; its name is empty for those who may not see behaviour."""

    item: Rejection
    name: str


def rejected_items(
    actor: Actor, *, source_id: int | None = None, code: str = "", before: int | None = None, limit: int = 50
) -> list[RejectedItem]:
    """A page, newest first. Raises AccessDenied."""
    require(actor, Operation.SOURCES_VIEW)
    items = rejections(source_id=source_id, code=code, before=before, limit=limit)
    hides_names = masked(actor, Category.BEHAVIOUR)
    if items:
        record_read(
            actor, action="rejections.list", target=f"source:{source_id}" if source_id else "",
            categories=[] if hides_names else [Category.BEHAVIOUR], detail={"items": len(items)},
        )  # fmt: skip
    return [RejectedItem(item, "" if hides_names else item.name) for item in items]
