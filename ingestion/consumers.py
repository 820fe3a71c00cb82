"""Consumers of ingestion."""

from typing import Any

from ingestion.domain.rejections import UnreadableRejection, read_rejection, store_rejections
from streaming.contracts.events import REJECTIONS_TOPIC
from streaming.runtime.consumer import Batch, Consumer


class RejectionsConsumer(Consumer):
    """Keeps the items that collectors rejected as rows, for the screens of sources."""

    name = "rejections"
    topics = (REJECTIONS_TOPIC,)
    max_records = 1000
    max_wait = 0.2

    def process(self, batch: Batch) -> None:
        """Store them; one that cannot be read becomes a dead letter."""
        rows: list[dict[str, Any]] = []
        for record in batch.records:
            try:
                rows.append(read_rejection(record.value))
            except UnreadableRejection as error:
                batch.reject(record, str(error))
        store_rejections(batch.connection, rows)
