"""Events that arrive, two people whom they are of, and what the page shows of them."""

from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from django.utils import timezone

from ingestion.domain.events.times import time_text
from ingestion.domain.people import (
    EventIds,
    KnownPerson,
    PersonIds,
    SeveralPeople,
    register_people,
    register_people_search,
)
from ingestion.models import LiveEvent
from streaming.event_log import close_event_log

ROSA, OTTO = KnownPerson(uuid4(), "Rosa Linden"), KnownPerson(uuid4(), "Otto Berg")
FORMER = uuid4()  # an id that Rosa had before a merge
_OF = {"u-1": ROSA, "u-2": OTTO}


@pytest.fixture
def known(monkeypatch) -> None:
    """Two people, each with one id."""
    monkeypatch.setattr("ingestion.domain.people._people", [])
    monkeypatch.setattr("ingestion.domain.people._search", [])

    def behind(_actor, ids) -> dict[EventIds, KnownPerson]:
        return {each: _OF[each.user_id] for each in ids if each.user_id in _OF}

    def ids_of(_actor, person: UUID) -> PersonIds | None:
        return PersonIds(ROSA.id, ("u-1",), ()) if person in (ROSA.id, FORMER) else None

    def named(_actor, text: str) -> KnownPerson | None:
        if text == "o":
            raise SeveralPeople
        return ROSA if text == "rosa@example.com" else None

    register_people(behind)
    register_people_search(named, ids_of)


@pytest.fixture
def closing_log(db):
    yield
    close_event_log()


@pytest.fixture
def arrive(source):
    def of(name: str, user: str, ago: timedelta = timedelta(), **properties: object) -> LiveEvent:
        document = {
            "type": "track",
            "event": name,
            "user_id": user,
            "properties": properties,
            "source_id": source.pk,
            "received_at": time_text(timezone.now() - ago),
        }
        return LiveEvent.objects.create(
            at=timezone.now() - ago, source=source, type="track", name=name, result="accepted",
            message_id=f"m-{name}", raw=orjson.dumps(document).decode(),
        )  # fmt: skip

    return of


def shown(client, **query: object) -> str:
    page = client.get("/admin/live/", query)
    assert page.status_code == 200
    return str(page.content.decode().partition("<tbody")[2])
