"""People for tests, built from events by the real builder."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from compliance.access import Actor
from compliance.enums import Category, Operation
from compliance.models import AuditEntry
from profiles.domain.declarable import Declared
from profiles.domain.declaring import declare
from profiles.domain.queries import Person, person
from profiles.enums import DeclarationKind
from profiles.models import Profile
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import START, Driver, event

ALL = Actor.system("test")
MARKETER = Actor(
    ALL.kind,
    "marketer",
    frozenset({Operation.HOME_VIEW, Operation.PEOPLE_VIEW, Operation.PEOPLE_SEARCH}),
    frozenset(category for category in Category if not category.is_sensitive),
)
NOBODY = Actor(ALL.kind, "nobody")

JANE = {"name": "Jane Miller", "email": "jane@example.com", "city": "Leeds", "diagnosis": "none", "shoe": 38}


@pytest.fixture
def builder(fresh_database) -> Iterator[Driver]:
    driver = Driver(fresh_database)
    yield driver
    driver.close()


@pytest.fixture
def changes_topic(fresh_database) -> Iterator[None]:
    """A log that decisions can be published to."""
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    yield
    close_event_log()


@pytest.fixture
def jane(builder) -> Profile:
    """Jane: a visitor on two devices who then told who she is."""
    builder.send(
        event(anonymous_id="a1", minutes=0, properties={"url": "/shoes", "email": "jane@example.com"})
    )
    builder.send(event(anonymous_id="a2", minutes=1, name="Order Completed", properties={"total": 12.5}))
    builder.send(event("identify", anonymous_id="a1", user_id="42", minutes=2, traits=JANE))
    builder.send(event("identify", anonymous_id="a2", user_id="42", minutes=3, traits={"plan": "gold"}))
    return person_of("user_id", "42")


def person_of(namespace: str, value: str) -> Profile:
    """The profile that has this identifier."""
    return Profile.objects.get(identifiers__namespace__key=namespace, identifiers__value=value)


def seen(actor: Actor, profile_id: UUID) -> Person:
    """Whoever holds the id, as the actor sees them."""
    found = person(actor, profile_id)
    assert found is not None
    return found


def declares(
    profile_id: UUID, purpose: str, *, kind: str = "consent", holds: bool = True, minutes: float = 0
) -> None:
    """Whoever holds the id consents to the purpose, or declares something else."""
    said_at = START + timedelta(minutes=minutes)
    declare(ALL, profile_id, Declared(DeclarationKind(kind), purpose, holds, said_at), now=said_at)


def reads() -> list[tuple[str, str, int]]:
    """The audit trail: (actor, action, number of subjects), oldest first."""
    rows = AuditEntry.objects.order_by("id").values_list("actor", "action", "subjects")
    return [(actor, action, len(subjects)) for actor, action, subjects in rows]
