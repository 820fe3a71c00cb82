"""The event log in PostgreSQL, put together."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import psycopg

from streaming.contracts.log import LogError, LogUnavailable
from streaming.contracts.records import Bounds, NewRecord, Record, TopicPartition, TopicSpec
from streaming.postgres import inspection, retention
from streaming.postgres.announcer import Announcer
from streaming.postgres.appending import Place, TopicsGone, append_groups, group_by_place
from streaming.postgres.committer import Committer
from streaming.postgres.days import DayTables
from streaming.postgres.looking import Looks
from streaming.postgres.reader import PostgresReader
from streaming.postgres.sessions import Connection, open_session, translated
from streaming.postgres.topics import TopicCatalogue


class PostgresLog:
    """See streaming.contracts.log.TransactionalLog. Rules: docs/adr/0010-postgresql-log.md."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._looks = Looks(lambda: self._session("looks"))
        self._topics = TopicCatalogue(lambda: self._session("topics"), self._looks)
        self._days = DayTables(lambda: self._session("days"))
        self._announcer = Announcer(lambda: self._session("announcer"))
        self._committer = Committer(
            lambda: self._session("committer"), self._topics, self._days, self._announcer
        )
        self._appended = threading.local()

    def _session(self, purpose: str, statement_timeout: str = "30s") -> Connection:
        return open_session(self._conninfo, purpose, statement_timeout=statement_timeout)

    def identity(self, topic: str) -> str:
        """See the contract."""
        self._topics.refresh()
        return self._topics.get(topic).incarnation

    def topics(self) -> Mapping[str, int]:
        """See the contract."""
        return {name: topic.partitions for name, topic in self._topics.refresh().items()}

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """See the contract."""
        self._topics.create(specs)

    def describe(self, topics: Sequence[str]) -> Mapping[str, TopicSpec]:
        """See the contract."""
        existing = self._topics.refresh()
        return {name: existing[name].spec for name in topics if name in existing}

    def alter(self, spec: TopicSpec) -> None:
        """See the contract."""
        self._topics.alter(spec)

    def delete_topic(self, topic: str) -> None:
        """See the contract."""
        self._topics.delete(topic)

    def submit(self, records: Sequence[NewRecord]) -> Future[None]:
        """See the contract."""
        return self._committer.submit(records)

    def append(self, records: Sequence[NewRecord], timeout: float = 30.0) -> None:
        """See the contract."""
        try:
            self._committer.submit(records).result(timeout)
        except TimeoutError:
            raise LogUnavailable(f"the log did not acknowledge the records within {timeout} s") from None

    def append_within(self, connection: psycopg.Connection[Any], records: Sequence[NewRecord]) -> None:
        """See the contract. One call per transaction: a second one would take locks out of their order."""
        if not records:
            return
        try:
            groups = group_by_place(records, self._topics)
            append_groups(connection, groups, self._days, prepare=False)
        except TopicsGone:
            self._topics.refresh()
            groups = group_by_place(records, self._topics)
            append_groups(connection, groups, self._days, prepare=False)
        self._own_news().update(groups)

    def announce(self) -> None:
        """See the contract. Announces what this thread appended within transactions."""
        news = self._own_news()
        self._announcer.announce(news)
        news.clear()

    def _own_news(self) -> set[Place]:
        news: set[Place] = self._appended.__dict__.setdefault("news", set())
        return news

    def reader(self) -> PostgresReader:
        """See the contract."""
        return PostgresReader(lambda: self._session("reader"))

    def bounds(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, Bounds]:
        """See the contract."""
        with translated():
            found = self._looks.look(lambda session: inspection.extents(session, partitions))
        return {place.partition: place.bounds for place in found}

    def offsets_at(self, partitions: Sequence[TopicPartition], at: datetime) -> Mapping[TopicPartition, int]:
        """See the contract."""
        with translated():
            return self._looks.look(lambda session: inspection.offsets_at(session, partitions, at))

    def tail(self, partitions: Sequence[TopicPartition], count: int) -> list[Record]:
        """See the contract."""
        with translated():
            return self._looks.look(lambda session: inspection.tail(session, partitions, count))

    def delete_before(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the contract."""
        with translated(), self._session("deletion", "10min") as connection:
            retention.delete_before(connection, positions)

    def apply_retention(self, now: datetime) -> None:
        """See the contract."""
        with translated(), self._session("retention", "10min") as connection:
            retention.apply_retention(connection, self._topics.refresh(), self._days, now)

    def check(self) -> str | None:
        """See the contract."""
        try:
            with translated(), self._session("check", "3s") as connection:
                row = connection.execute(
                    "SELECT current_setting('transaction_read_only'), to_regclass('log_record')"
                ).fetchone()
        except LogError as error:
            return str(error)
        read_only, table = row or ("on", None)
        if read_only == "on":
            return "the log's database takes no writes (it is read-only or a standby)"
        return None if table else "the log's tables do not exist: run `manage.py migrate`"

    def close(self) -> None:
        """See the contract."""
        self._looks.close()
        self._committer.close()
        self._announcer.close()
