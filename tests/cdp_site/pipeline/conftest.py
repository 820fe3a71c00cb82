"""Signed-in staff of three roles, and dead letters as the runtime leaves them."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from compliance.access import Actor
from compliance.domain.users import create_staff
from compliance.enums import Category, Operation
from compliance.models import Role
from streaming.event_log import close_event_log
from streaming.models import DeadLetter

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET = b'{"email": "jane@example.com", "name": "<script>alert(1)</script>"}'


@pytest.fixture
def signed_in(fresh_database) -> Iterator[Callable[[str], Client]]:
    """A client of a member of staff with this role, named like it. A watcher sees the pipeline and no content."""
    del fresh_database
    Role.objects.create(
        group=Group.objects.create(name="watcher"),
        operations=[Operation.HOME_VIEW, Operation.PIPELINE_VIEW],
        categories=[category for category in Category if not category.is_sensitive],
    )

    def make(role: str) -> Client:
        client = Client()
        by = Actor.system("test")
        client.force_login(
            create_staff(username=role, password="harbour-lights-42", role=role, by=by, now=NOW)
        )
        return client

    yield make
    close_event_log()


@pytest.fixture
def refuse() -> Callable[..., DeadLetter]:
    """Make a dead letter."""

    def make(offset: int = 0, **fields: object) -> DeadLetter:
        values = {
            "consumer": "profiles", "topic": "events.page", "partition": 0, "key": b"k", "value": SECRET,
            "headers": [["trace", b64encode(b"abc").decode()]], "reason": "the event has no name",
            "appended_at": NOW, "created_at": NOW, **fields,
        }  # fmt: skip
        return DeadLetter.objects.create(offset=offset, **values)

    return make
