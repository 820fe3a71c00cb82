"""Staff of both roles, a source, and clients that are signed in."""

from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import pytest
from django.contrib.auth.models import Group
from django.test import Client

from compliance.access import Actor
from compliance.models import AuditEntry, User
from ingestion.domain.sources import create_source
from ingestion.models import LiveEvent, Rejection, Source

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
BY = Actor.system("tests")


@pytest.fixture
def client_of(db) -> Callable[[str], Client]:
    """A client signed in as a member of staff with this role, or with none."""

    def signed_in(role: str = "") -> Client:
        user = User.objects.create(username=role or "newcomer", is_staff=True)
        if role:
            user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def administrator(client_of: Callable[[str], Client]) -> Client:
    return client_of("administrator")


@pytest.fixture
def marketer(client_of: Callable[[str], Client]) -> Client:
    return client_of("marketer")


@pytest.fixture
def source(db) -> Source:
    return create_source(name="Web shop", by=BY, now=NOW, write_key="WRITEKEY1")


@pytest.fixture
def live_event(source) -> LiveEvent:
    """An accepted event with data of several categories."""
    event = {
        "v": 1, "type": "track", "event": "Order Completed", "message_id": "m-1", "user_id": "user-77",
        "anonymous_id": "anon-5", "properties": {"total": 12.5, "email": "jane@example.com", "zzz": "odd"},
        "traits": {}, "context": {"ip": "192.0.2.7"}, "received_at": "2026-03-04T12:00:00.500000Z",
        "sent_at": "2026-03-04T11:59:59Z", "timestamp": "2026-03-04T11:59:00Z", "client_time": "2026-03-04T11:58:59Z",
        "source_id": source.pk,
    }  # fmt: skip
    return LiveEvent.objects.create(
        at=NOW, source=source, type="track", name="Order Completed", result="accepted", message_id="m-1",
        raw=orjson.dumps(event).decode(),
    )  # fmt: skip


@pytest.fixture
def rejection(source) -> Rejection:
    raw = orjson.dumps(
        {"type": "track", "userId": "u-1", "properties": {"email": "bad@example.com"}}
    ).decode()
    return Rejection.objects.create(
        source=source, received_at=NOW, code="missing_event_name", reason="a track needs the name of what happened",
        type="track", raw=raw, raw_bytes=len(raw),
    )  # fmt: skip


@pytest.fixture
def audited() -> Callable[[str], list[AuditEntry]]:
    """The audit rows of an action."""
    return lambda action: list(AuditEntry.objects.filter(action=action).order_by("pk"))
