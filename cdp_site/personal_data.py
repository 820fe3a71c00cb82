"""Where the composition root keeps personal data, field by field (None: not personal)."""

from compliance.enums import Category
from compliance.stores import register_store, table_store

_STORES = (
    table_store("cdp_site_peopletally", "How many people there were, by hour", "hour total identified"),
    table_store(
        "cdp_site_reconciliation",
        "Reconciliations of the pipeline",
        "id state asked_at started_at progressed_at finished_at cancel_asked records records_read since findings"
        " trouble topics downstream elsewhere",
        asked_by=Category.IDENTITY,
    ),
    table_store(
        "cdp_site_reconciliationhour",
        "Numbers of messages by hour, source and topic",
        "id reconciliation hour source_id topic applied dead_lettered suppressed quarantined pending missing duplicates",
    ),
    table_store(
        "cdp_site_reconciliationfinding",
        "Messages that did not balance, by id",
        "id reconciliation kind minute source_id consumer topic partition offset records",
        message_id=Category.BEHAVIOUR,
    ),
)


def register_stores() -> None:
    """Make them known; called once when all apps are loaded."""
    for store in _STORES:
        register_store(store)
