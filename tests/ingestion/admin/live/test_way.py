"""What became of an event, asked for again and again: how often, for how long, and what is recorded of it."""

import html
import re
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from compliance.access import Actor
from compliance.audit import record_read
from ingestion.domain.traces import Finding, Message, Outcome, Stage, Step, register_tracer
from ingestion.domain.traces.steps import Lead
from ingestion.models import LiveEvent
from tests.ingestion.admin.live.conftest import ROSA


def test_what_became_of_an_event_is_asked_until_it_is_over(administrator, arrive, known, closing_log):
    event = arrive("Late", "u-1")
    opened = administrator.get(f"/admin/live/{event.pk}/").content.decode()
    assert f'hx-get="/admin/live/{event.pk}/way/" hx-trigger="load"' in opened
    assert "No tracking plan holds for its source" in opened
    way = administrator.get(f"/admin/live/{event.pk}/way/").content.decode()
    assert "It was accepted." in way
    assert "Waiting for the profile builder" in way
    assert 'hx-trigger="load delay:1s"' in way
    assert "Look again" not in way


def next_look(way: str) -> str:
    (address,) = re.findall(r'hx-get="([^"]+)" hx-trigger="load', way)
    return html.unescape(address)


def test_the_longer_an_event_waits_the_rarer_it_is_asked_for_until_somebody_asks(
    administrator, arrive, known, closing_log
):
    event = arrive("Late", "u-1")
    began, pauses = timezone.now(), []
    address, after = f"/admin/live/{event.pk}/way/", 0
    while address:
        with time_machine.travel(began + timedelta(seconds=after), tick=False):
            way = administrator.get(address).content.decode()
        pauses += [int(each) for each in re.findall(r"load delay:(\d+)s", way)]
        after, address = sum(pauses), next_look(way) if "load delay" in way else ""
    assert pauses == [1, 1, 2, 4, 8, 16, 32]
    assert f'hx-get="/admin/live/{event.pk}/way/" hx-target="#way"' in way
    assert "Look again" in way


def test_an_old_event_is_not_asked_for_by_itself(administrator, arrive, known, closing_log):
    event = arrive("Early", "u-1", timedelta(minutes=5))
    way = administrator.get(f"/admin/live/{event.pk}/way/").content.decode()
    assert "load delay" not in way
    assert "Look again" in way


@pytest.fixture
def applied(monkeypatch):
    """A tracer that finds the message applied once there is somebody in the list, and records as profiles does."""
    people: list[UUID] = []

    def tracer(actor: Actor, _message: str, recorded: frozenset[UUID] | None) -> list[Finding]:
        if people and (recorded is None or not recorded.issuperset(people)):
            record_read(actor, action="person.trace", subjects=people)
        source = LiveEvent.objects.get().source_id
        step = Step(Stage.APPLIED, None, "It is there.", lead=Lead("person", "x"))
        return [Finding(Message(source, None), Outcome.APPLIED, [step], person=each) for each in people]

    monkeypatch.setattr("ingestion.domain.traces.tracing._tracers", {})
    register_tracer("people", tracer)
    return people


@pytest.mark.usefixtures("known", "closing_log")
def test_an_opened_event_is_recorded_once_however_often_it_is_asked_for_and_whoever_comes_to_it_too(
    administrator, marketer, arrive, audited, applied
):
    event = arrive("Late", "u-1")

    def counts() -> tuple[int, int]:
        return len(audited("events.trace")), len(audited("person.trace"))

    first = f"/admin/live/{event.pk}/way/"
    waiting = next_look(administrator.get(first).content.decode())
    assert counts() == (1, 0)
    assert "Rosa" not in waiting
    administrator.get(waiting)
    assert counts() == (1, 0)
    applied.append(ROSA.id)
    found = next_look(administrator.get(waiting).content.decode())
    assert counts() == (1, 1), "she was not known before"
    found = next_look(administrator.get(found).content.decode())
    assert counts() == (1, 1)
    administrator.get(first)
    assert counts() == (2, 2), "it was opened again"
    marketer.get(found)
    assert counts() == (3, 3), "what is recorded of one is not of another"
    administrator.get(f"{first}?looks={found.partition('looks=')[2][::-1]}")
    assert counts() == (4, 4), "nobody says so themselves"
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        administrator.get(found)
    assert counts() == (5, 5)


def test_an_event_that_is_gone_has_no_way(administrator, db):
    assert administrator.get("/admin/live/999/way/").content.decode().strip() == ""
