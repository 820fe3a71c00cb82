"""Consumers of ingestion."""

from collections.abc import Sequence
from typing import Any

from django import db

from compliance.suppression import Suppressions, snapshot
from ingestion.domain.catalogue.observing import Observed, observe
from ingestion.domain.catalogue.storing import store
from ingestion.domain.quarantine.storing import Held, UnreadableQuarantine, read_held, store_held
from ingestion.domain.rejections import UnreadableRejection, read_rejection, store_rejections
from streaming.contracts.events import EVENT_TOPICS, QUARANTINE_TOPIC, REJECTIONS_TOPIC
from streaming.contracts.records import Record
from streaming.runtime.consumer import Batch, Consumer, MessageRejected


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


class CatalogueConsumer(Consumer):
    """Learns from the log which events, properties and traits there are, and how often plans are broken."""

    name = "catalogue"
    topics = (EVENT_TOPICS,)
    max_wait = 1.0  # nobody waits for it, and larger batches cost less

    def prepare(self, records: Sequence[Record]) -> Observed:
        """Look at them."""
        return observe(records)

    def process(self, batch: Batch) -> None:
        """Add what they show. What is no event is the profile builder's to refuse: one dead letter is enough."""
        store(batch.connection, batch.prepared, now=batch.now)


class QuarantineConsumer(Consumer):
    """Keeps the events that a tracking plan keeps out as rows, until somebody decides."""

    name = "quarantine"
    topics = (QUARANTINE_TOPIC,)
    max_records = 1000
    max_wait = 0.2

    def process(self, batch: Batch) -> None:
        """Store them; one that cannot be read becomes a dead letter."""
        held: list[Held] = []
        for record in batch.records:
            try:
                held.append(read_held(record))
            except UnreadableQuarantine as error:
                batch.reject(record, str(error))
        if held:
            store_held(batch.connection, held, people=_suppressed_people(), now=batch.now)


def _suppressed_people() -> Suppressions:
    """Who is suppressed now, by the rules of now. Raises MessageRejected while the database does not answer."""
    try:
        return snapshot()
    except db.Error as error:
        raise MessageRejected(f"whom to leave out cannot be read: {error}") from error
    finally:
        db.connection.close()  # seldom needed, so that no worker holds a second session
