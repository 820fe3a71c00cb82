"""What a consumer is: a name, topics and `process(batch)`; the runtime owns everything else."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from streaming.contracts.records import NewRecord, Record, TopicSpec
from streaming.runtime.limits import DeadLetterLimit


class InvalidMessage(Exception):
    """The message can never be processed: it becomes a dead letter and the partition moves on."""

    def __init__(self, reason: str, record: Record | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.record = record


class MessageRejected(Exception):
    """Not now: the batch is retried for ever, with back-off, and nothing is skipped."""


@dataclass(slots=True)
class Batch:
    """Records to process in one database transaction, which the runtime opens, checks and commits.

    `connection` is inside that transaction (READ COMMITTED); `process` must neither commit nor roll back.
    Records of one partition stand in order of offset. `prepared` is what `Consumer.prepare` made of them.
    """

    records: Sequence[Record]
    connection: psycopg.Connection[Any]
    now: datetime
    published: list[NewRecord] = field(default_factory=list)
    rejected: list[tuple[Record, str]] = field(default_factory=list)
    prepared: Any = None

    def publish(self, records: Sequence[NewRecord]) -> None:
        """Have these records appended to the log, once, if and only if the batch commits."""
        self.published.extend(records)

    def reject(self, record: Record, reason: str) -> None:
        """Make this record a dead letter with a reason a person can act on; the rest of the batch goes on."""
        self.rejected.append((record, reason))


class Consumer(ABC):
    """Reads topics and has effects. One instance serves one worker and is never shared.

    `topics` are names or fnmatch patterns. `publishes` are topics that must exist before it starts.
    A batch closes at `max_wait` seconds after its first record, at `max_records` or at about 16 MB. More dead letters than
    `dead_letter_limit` allows stop the consumer.
    """

    name: str
    topics: tuple[str, ...]
    publishes: tuple[TopicSpec, ...] = ()
    max_records: int = 5000
    max_wait: float = 0.05
    dead_letter_limit: DeadLetterLimit = DeadLetterLimit()

    def prepare(self, records: Sequence[Record]) -> Any:
        """Do the work that needs nothing of the transaction, such as decoding; the result is `batch.prepared`.

        Runs on a thread of its own, ahead of and beside `process` of earlier batches, so it must not touch
        what `process` changes; a database it may use on sessions of its own. It is called again before each
        new attempt and for each part when a batch is split, then on the thread of `process`. It has no outcome
        of its own: what it raises is raised again where `process` would have been called with these records.
        """
        del records

    @abstractmethod
    def process(self, batch: Batch) -> None:
        """Have the effects of the batch, through `batch.connection` only.

        May be called again with the same records, or with parts of them, after a failure: every effect must
        be undone by a rollback. Raises InvalidMessage or MessageRejected as it sees fit; anything else is
        unknown, and the runtime finds the message that causes it (docs/architecture.md, "Outcomes").
        """
