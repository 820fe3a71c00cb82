"""One database for all, with the planted person, and who comes to look: of each shipped role a member of staff and a token."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group

from compliance.enums import Operation
from compliance.models import Role
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.cdp_site.permissions.planted import plant
from tests.cdp_site.permissions.visitors import CLOSED, Visitor, visitor_of
from tests.conftest import Database, copied, used_by_django


@pytest.fixture(scope="module", autouse=True)
def values(migrated_template: Database, django_db_blocker) -> Iterator[dict[str, Any]]:
    """What the addresses are filled with, in the module's database."""
    with copied(migrated_template, "p") as database, used_by_django(database), django_db_blocker.unblock():
        event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
        yield plant(database)
        close_event_log()


@pytest.fixture(scope="module")
def visitors(values: dict[str, Any]) -> dict[str, Visitor]:
    """By the name of the role."""
    del values
    for name, forms in CLOSED.items():
        Role.objects.create(group=Group.objects.create(name=name), operations=list(Operation), **forms)
    return {role.group.name: visitor_of(role) for role in Role.objects.select_related("group")}


@pytest.fixture
def visitor(visitors: dict[str, Visitor], role: str) -> Visitor:
    """Whoever has the role."""
    return visitors[role]


@pytest.fixture(autouse=True)
def no_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for in the background is not done."""
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_args, **_options: None)
