"""A source with a plan, and events of it in quarantine, on the log of the test's database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.access import Actor
from compliance.enums import Category, Operation
from compliance.suppression import snapshot
from ingestion.domain.event_names import ensure_base_topics
from ingestion.domain.events import Envelope, accept_item, encode_accepted
from ingestion.domain.plans.document import Plan
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.quarantine.groups import Group
from ingestion.domain.quarantine.storing import read_held, store_held
from ingestion.domain.sources import create_source
from ingestion.models import PlanVersion, Source, TrackingPlan
from streaming.contracts.log import EventLog
from streaming.contracts.records import Record
from streaming.event_log import close_event_log, event_log
from tests.conftest import Database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY = Actor.system("test")
ANALYST = Actor(
    BY.kind,
    "ann",
    frozenset({Operation.SOURCES_VIEW, Operation.SOURCES_MANAGE}),
    frozenset({Category.BEHAVIOUR}),
)
NOBODY = Actor(BY.kind, "nobody", frozenset(), frozenset())
SCHEMA = {"properties": {"total": {"type": "number"}}, "required": ["total"]}


@dataclass
class Quarantine:
    """Brings events in, as the collector and the consumer do."""

    database: Database
    log: EventLog
    source: Source

    def publish(self, schema: dict[str, Any], number: int = 1) -> None:
        policy = {"missing": "quarantine", "wrong": "quarantine", "unplanned_event": "quarantine"}
        plan, _ = TrackingPlan.objects.get_or_create(source=self.source, defaults={"draft_changed_at": NOW})
        plan.published = PlanVersion.objects.create(
            plan=plan, number=number, published_at=NOW, published_by="ann",
            document=Plan.from_json({"policy": policy, "events": {"track:Order": schema}}).to_json(),
        )  # fmt: skip
        plan.save()

    def records(self, *items: dict[str, Any]) -> list[Record]:
        """What the collector would append for these."""
        envelope = Envelope(source_id=self.source.pk, received_at=NOW, rules=load_rules()[self.source.pk])
        made = []
        for item in items:
            event = accept_item(
                {"type": "track", "event": "Order", "timestamp": "2026-11-01T00:00:00Z", **item}, envelope
            )
            assert "quarantined" in event
            made.append(Record("quarantine", 0, 0, b"k", encode_accepted(event, item), (), NOW))
        return made

    def hold(self, *records: Record) -> None:
        with self.database.connect() as connection:
            store_held(connection, [read_held(each) for each in records], people=snapshot(), now=NOW)

    def fill(self, amount: int, **properties: Any) -> None:
        properties = properties or {"total": "12.5"}
        items = [{"messageId": f"m{n}", "userId": f"u{n}", "properties": properties} for n in range(amount)]
        self.hold(*self.records(*items))

    def group(self, reason: str = "`total` should be a number", name: str = "Order") -> Group:
        return Group(self.source.pk, "track", name, reason)


@contextmanager
def planned_shop(database: Database) -> Iterator[Quarantine]:
    """A source whose plan holds, on the log of the database."""
    log = event_log()
    ensure_base_topics(log)
    made = Quarantine(database, log, create_source(name="Shop", by=BY, now=NOW))
    made.publish(SCHEMA)
    yield made
    close_event_log()


@pytest.fixture
def quarantine(fresh_database: Database) -> Iterator[Quarantine]:
    with planned_shop(fresh_database) as made:
        yield made
