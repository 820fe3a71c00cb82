"""What partitions hold is found among today's records, or, where that settles nothing, among all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.contracts.records import Bounds, TopicPartition, TopicSpec
from streaming.postgres.days import KEPT, create_day, day_of
from streaming.postgres.inspection import extents, offsets_at, tail
from tests.streaming.contract.subject import Subject, numbered, numbers

DAY = 24 * 60 * 60
YESTERDAY = day_of(datetime.now(UTC) - timedelta(days=1))


def _bounds(session: psycopg.Connection[Any], topic: str) -> Bounds:
    (found,) = extents(session, [TopicPartition(topic, 0)])
    return found.bounds


def test_nothing_is_asked_of_no_partitions(session: psycopg.Connection[Any]) -> None:
    assert extents(session, []) == []
    assert tail(session, [], 5) == []


def test_a_partition_without_any_record_is_empty(subject: Subject, session: psycopg.Connection[Any]) -> None:
    assert _bounds(session, subject.topic(partitions=1)) == Bounds(0, 0)


def test_records_of_yesterday_count_when_there_are_none_of_today(subject: Subject, session: Any) -> None:
    topic = subject.topic(partitions=1, retention_seconds=DAY)
    subject.log.append(numbered(topic, 5))
    create_day(session, YESTERDAY)
    session.execute("UPDATE log_record SET day = %s", [YESTERDAY])
    assert _bounds(session, topic) == Bounds(0, 5)
    subject.log.append(numbered(topic, 2, first=5))
    assert _bounds(session, topic) == Bounds(0, 7)


def test_what_was_kept_once_does_not_hide_what_came_later(subject: Subject, session: Any) -> None:
    topic = subject.topic(partitions=1, retention_seconds=None)
    subject.log.append(numbered(topic, 5))
    subject.log.alter(TopicSpec(topic, 1, retention_seconds=DAY))
    subject.log.append(numbered(topic, 3, first=5))
    create_day(session, YESTERDAY)
    session.execute("UPDATE log_record SET day = %s WHERE day <> %s", [YESTERDAY, KEPT])
    assert _bounds(session, topic) == Bounds(0, 8)


def test_partitions_keep_their_order_whichever_look_found_them(subject: Subject, session: Any) -> None:
    first, second = (
        subject.topic(partitions=1, retention_seconds=DAY),
        subject.topic(partitions=1, retention_seconds=DAY),
    )
    subject.log.append(numbered(first, 2))
    create_day(session, YESTERDAY)
    session.execute("UPDATE log_record SET day = %s", [YESTERDAY])
    subject.log.append(numbered(second, 3))
    places = [TopicPartition(first, 0), TopicPartition(second, 0)]
    assert [each.bounds.end for each in extents(session, places)] == [2, 3]
    found = tail(session, places, 1)
    assert [each.topic for each in found] == [first, second]
    assert numbers(found) == [1, 2]


class _Counting:
    """A session that counts statements."""

    def __init__(self, session: Any) -> None:
        self._session, self.statements = session, 0

    def execute(self, *arguments: Any, **options: Any) -> Any:
        self.statements += 1
        return self._session.execute(*arguments, **options)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=st.integers(0, 60), recent=st.integers(0, 60), gone=st.sets(st.integers(0, 119), max_size=30))
def test_the_first_offset_of_a_time_is_found_wherever_it_is(
    subject: Subject, session: Any, old: int, recent: int, gone: set[int]
) -> None:
    topic = subject.topic(partitions=1)
    subject.log.append(numbered(topic, old + recent)) if old + recent else None
    now = datetime.now(UTC)
    session.execute(
        'UPDATE log_record SET appended_at = %s WHERE topic_id = (SELECT id FROM log_topic WHERE name = %s) AND "offset" < %s',
        [now - timedelta(hours=1), topic, old],
    )
    session.execute(
        'DELETE FROM log_record WHERE topic_id = (SELECT id FROM log_topic WHERE name = %s) AND "offset" = ANY(%s)',
        [topic, sorted(gone - {old + recent - 1})],
    )
    place = TopicPartition(topic, 0)
    left = [n for n in range(old + recent) if n not in gone - {old + recent - 1}]
    found = offsets_at(session, [place], now - timedelta(minutes=1))[place]
    assert [n for n in left if n >= found] == [n for n in left if n >= old]


def test_where_nothing_came_since_it_takes_one_look(subject: Subject, session: Any) -> None:
    topic = subject.topic(partitions=1)
    subject.log.append(numbered(topic, 500))
    counting: Any = _Counting(session)
    place = TopicPartition(topic, 0)
    assert offsets_at(counting, [place], datetime.now(UTC) + timedelta(hours=1)) == {place: 500}
    assert counting.statements == 2  # what it holds, and its last record
