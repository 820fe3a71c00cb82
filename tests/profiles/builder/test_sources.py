"""Anchors know the sources of their events, whoever stores and takes away events at the same time."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from profiles.builder import sources
from profiles.domain.learning_sources import QUIET, learn_sources
from profiles.models import Anchor, SourceDoubt, SourceGap, TimelineEvent
from streaming.runtime.consumer import Batch
from tests.profiles.builder.driver import Driver, event, record_of
from tests.profiles.builder.picture import check_sources, clear


def start(builder: Driver) -> None:
    clear(builder.connection)
    SourceGap.objects.all().delete()
    SourceDoubt.objects.all().delete()


def known() -> list[int]:
    return Anchor.objects.get().sources


def take_away(source: int) -> None:
    with transaction.atomic():
        TimelineEvent.objects.filter(source_id=source).delete()
        sources.renew(connection.connection, list(Anchor.objects.values_list("id", flat=True)))


def as_a_former_process(builder: Driver, *events) -> None:
    """Store them as a release does that does not keep sources."""
    builder.send(*events)
    builder.connection.execute(
        "CREATE TEMPORARY TABLE stored AS SELECT * FROM profiles_timeline; DELETE FROM profiles_timeline;"
        "UPDATE profiles_anchor SET sources = '{}'; INSERT INTO profiles_timeline SELECT * FROM stored; DROP TABLE stored"
    )
    builder.connection.commit()


def quiet() -> None:
    SourceGap.objects.update(noted_at=timezone.now() - 2 * QUIET)


def learn() -> None:
    while learn_sources():
        pass


def test_an_anchor_has_the_source_of_each_of_its_events_once_and_in_order(builder):
    start(builder)
    builder.send(event(user_id="u1", source_id=3), event(user_id="u1", source_id=2))
    assert known() == [2, 3]
    builder.send(*[event(user_id="u1", source_id=each) for each in (1, 3, 1)])
    assert known() == [1, 2, 3]
    assert not SourceGap.objects.exists()
    assert not SourceDoubt.objects.exists()


def test_one_that_is_known_costs_no_statement(builder):
    start(builder)
    builder.send(event(user_id="u1", source_id=3))
    row = Anchor.objects.extra(select={"x": "xmin::text"}).get().x
    builder.send(event(user_id="u1", source_id=3))
    assert Anchor.objects.extra(select={"x": "xmin::text"}).get().x == row


def test_two_at_once_both_count(builder, database):
    start(builder)
    builder.send(event(user_id="u1", source_id=1))
    other = Driver(database, now=builder.now)
    batch = Batch([record_of(event(user_id="u1", source_id=2))], other.connection, other.now)
    with other.connection.transaction():
        other.consumer.process(batch)
        with builder.connection.transaction():
            builder.connection.execute("SELECT 1")
    builder.send(event(user_id="u1", source_id=3))
    other.close()
    assert known() == [1, 2, 3]


def test_one_that_goes_while_a_batch_brings_it_again_comes_back(builder, database):
    start(builder)
    builder.send(event(user_id="u1", source_id=1), event(user_id="u1", source_id=2))
    other = Driver(database, now=builder.now)
    batch = Batch([record_of(event(user_id="u1", source_id=2))], other.connection, other.now)
    with other.connection.transaction():
        other.consumer.process(batch)  # it saw that the source is known
        take_away(2)
    other.close()
    assert known() == [1]
    assert SourceDoubt.objects.count() == 1
    learn()
    assert known() == [1, 2]
    assert not SourceDoubt.objects.exists()
    check_sources()


def test_one_that_goes_for_good_stays_away(builder):
    start(builder)
    builder.send(event(user_id="u1", source_id=1), event(user_id="u1", source_id=2))
    take_away(2)
    learn()
    assert known() == [1]


def test_what_a_former_process_stored_is_a_gap_until_it_is_made_good(builder):
    start(builder)
    as_a_former_process(builder, event(user_id="u1", source_id=1), event(user_id="u2", source_id=2))
    assert SourceGap.objects.filter(cursor=None).count() == 1
    assert not learn_sources(), "such processes may still be there"
    assert list(Anchor.objects.values_list("sources", flat=True)) == [[], []]
    quiet()
    learn()
    check_sources()
    assert not SourceGap.objects.exists()


def test_a_gap_that_opens_while_another_is_closed_stays(builder):
    start(builder)
    as_a_former_process(builder, event(user_id="u1", source_id=1))
    quiet()
    assert learn_sources()
    assert SourceGap.objects.get().cursor == 0
    as_a_former_process(builder, event(user_id="u1", source_id=2))
    learn()
    assert SourceGap.objects.get().cursor is None
    SourceGap.objects.update(noted_at=timezone.now() - QUIET - timedelta(seconds=1))
    learn()
    check_sources()
    assert not SourceGap.objects.exists()
