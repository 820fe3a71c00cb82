"""Where apps meet that do not know each other: what one is told on its screen, the other does."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from compliance.access import Actor
from compliance.domain.users import create_staff
from ingestion.domain.sources import create_source
from ingestion.models import Connection, Source, Webhook
from profiles.consumers.behaviour import BehaviourConsumer
from profiles.consumers.sessions import SessionsConsumer
from profiles.domain.channels import source_channels
from profiles.models import VisitBehaviour
from tests.conftest import Database
from tests.profiles.consumers.driving import follow
from tests.profiles.sessions.driver import Pipeline, seen

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BY = Actor.system("tests")


@pytest.fixture
def pipeline(fresh_database: Database) -> Iterator[Pipeline]:
    """Behind the builder the consumer as it is registered, with the time-outs that sources have."""
    made = Pipeline(fresh_database)
    made.combiner.consumer = SessionsConsumer(partitions=1)
    yield made
    made.stop()


@pytest.fixture
def administrator(fresh_database: Database) -> Client:
    del fresh_database
    client = Client()
    client.force_login(
        create_staff(username="ada", password="harbour-lights-42", role="administrator", by=BY, now=NOW)
    )
    return client


@pytest.fixture
def source(administrator: Client) -> Source:
    """One whose visits end after five minutes, set on its page."""
    made = create_source(name="Kiosk", by=BY, now=NOW)
    administrator.post(f"/admin/sources/{made.pk}/visits/", {"minutes": "5"})
    return made


def spans(pipeline: Pipeline) -> list[tuple[int, float, float, int]]:
    """Source, from, to, events."""
    return [(row[7], *row[:3]) for row in pipeline.visits()]


def test_the_time_out_of_a_source_ends_visits_of_its_events_and_of_no_other(pipeline, source):
    other = create_source(name="Web shop", by=BY, now=NOW)
    for each in (source, other):
        pipeline.send(seen(0, source_id=each.pk), seen(4, source_id=each.pk), seen(14, source_id=each.pk))
    assert spans(pipeline) == [(source.pk, 0, 4, 2), (source.pk, 14, 14, 1), (other.pk, 0, 14, 3)]


def test_a_new_time_out_holds_from_then_on_and_what_was_one_visit_stays_one(pipeline, source, administrator):
    administrator.post(f"/admin/sources/{source.pk}/visits/", {"minutes": "60"})
    pipeline.send(seen(0, source_id=source.pk), seen(50, source_id=source.pk))
    administrator.post(f"/admin/sources/{source.pk}/visits/", {"minutes": "5"})
    pipeline.send(seen(60, source_id=source.pk))
    assert spans(pipeline) == [(source.pk, 0, 50, 2), (source.pk, 60, 60, 1)]


def test_features_are_of_the_same_visits(pipeline, source):
    clicks = [seen(minutes, source_id=source.pk, name="Element Clicked") for minutes in (0, 4, 14)]
    pipeline.send(*clicks)
    follow(BehaviourConsumer(), pipeline.builder)
    assert spans(pipeline) == [(source.pk, 0, 4, 2), (source.pk, 14, 14, 1)]
    assert VisitBehaviour.objects.count() == 2


def test_what_a_webhook_or_a_device_sent_has_its_channel_whatever_it_says(source):
    hooked, heard, read = (create_source(name=name, by=BY, now=NOW).pk for name in ("Hook", "MQTT", "CRM"))
    Webhook.objects.create(
        public_id="w", name="w", source_id=hooked, scheme="none", mapping="", created_by="a"
    )
    for pk, kind in ((heard, "mqtt"), (read, "sql")):
        Connection.objects.create(name=kind, kind=kind, source_id=pk, created_at=NOW, created_by="a")
    assert source_channels({hooked, heard, read, source.pk}) == {
        hooked: "webhook",
        heard: "device",
        read: "import",
    }
