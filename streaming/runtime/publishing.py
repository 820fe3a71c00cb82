"""Publishing as part of a batch: once, if and only if the batch commits."""

from collections.abc import Sequence
from typing import Protocol

from streaming.contracts.log import TransactionalLog
from streaming.contracts.records import NewRecord, TopicPartition
from streaming.runtime.sessions import Connection


class Publisher(Protocol):
    """Takes the records of a batch to the log. Belongs to one worker."""

    def publish(self, connection: Connection, records: Sequence[NewRecord], origin: TopicPartition) -> None:
        """Take records in the open transaction; `origin` is the lowest partition of the batch.

        Takes the last locks of the transaction. Raises UnknownTopic and RecordTooLarge.
        """

    def committed(self) -> None:
        """Act on what was taken: the transaction has been committed."""


class TransactionalPublisher:
    """On a log in the same database the records are appended in the transaction itself."""

    def __init__(self, log: TransactionalLog) -> None:
        self._log = log

    def publish(self, connection: Connection, records: Sequence[NewRecord], origin: TopicPartition) -> None:
        """See Publisher."""
        del origin
        self._log.append_within(connection, records)

    def committed(self) -> None:
        """See Publisher."""
        self._log.announce()
