"""How far a look goes: no event is passed over because another collector's showed first."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ingestion.domain.queries.settled import SETTLES, Span, settled
from ingestion.domain.sources import create_source
from ingestion.models import LiveEvent
from tests.conftest import Database
from tests.ingestion.domain.conftest import BY, NOW

INSERT = """
INSERT INTO ingestion_liveevent (at, source_id, type, name, result, reason, message_id, raw, sample_of)
VALUES (%s, %s, 'track', 'Late', 'accepted', '', '', '{}', 1) RETURNING id
"""


def arrived(source, ago=timedelta()) -> int:
    event = LiveEvent.objects.create(
        at=timezone.now() - ago, source=source, type="track", name="E", result="accepted", raw="{}"
    )
    return event.pk


def test_nothing_is_new_until_something_arrives(source):
    assert settled(0, now=timezone.now()) == Span(0, 0)
    first = arrived(source)
    assert settled(0, now=timezone.now()) == Span(0, first)
    assert settled(first, now=timezone.now()).is_empty
    second = arrived(source)
    assert settled(first, now=timezone.now()) == Span(first, second)


@pytest.mark.django_db(transaction=True)
def test_what_another_collector_has_not_committed_yet_is_waited_for():
    source = create_source(name="web", by=BY, now=NOW)
    first = arrived(source)
    with Database(str(connection.settings_dict["NAME"])).connect() as other:
        row = other.execute(INSERT, [timezone.now(), source.pk]).fetchone()
        third = arrived(source)
        assert row is not None
        assert settled(first, now=timezone.now()).is_empty
        assert settled(0, now=timezone.now()) == Span(0, first)
    assert settled(first, now=timezone.now()) == Span(first, third)


def test_what_was_never_committed_holds_nothing_up_for_long(source):
    first, _, third = arrived(source), LiveEvent.objects.filter(pk=arrived(source)).delete(), arrived(source)
    assert settled(first, now=timezone.now()).is_empty
    assert settled(first, now=timezone.now() + SETTLES) == Span(first, third)


def test_the_first_event_after_a_quiet_time_is_not_held_up(source):
    LiveEvent.objects.filter(pk=arrived(source)).delete()
    first = arrived(source)
    assert settled(0, now=timezone.now()) == Span(0, first)


def test_a_look_goes_on_when_a_crash_of_the_database_made_ids_begin_anew(source):
    event = arrived(source)
    assert settled(event + 5000, now=timezone.now()) == Span(0, event)


def test_what_is_forgotten_does_not_look_like_a_crash(source):
    event = arrived(source, ago=timedelta(minutes=15))
    assert settled(event + 5000, now=timezone.now()).is_empty
