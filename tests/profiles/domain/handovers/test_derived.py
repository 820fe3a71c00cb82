"""Visits, behaviour and social records follow an identifier that was given to another person."""

from datetime import timedelta
from typing import Any

import pytest

from profiles.consumers.behaviour import BehaviourConsumer
from profiles.consumers.sessions import SessionsConsumer
from profiles.consumers.social import SocialConsumer
from profiles.domain.handovers import hand_over, take_back
from profiles.domain.handovers.following import sweep_handovers
from profiles.models import Anchor, Identifier, Session, SocialAccount, SocialItem, VisitBehaviour
from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.contracts.records import Record
from streaming.runtime.consumer import Batch
from tests.ingestion.collector.serving import LogView
from tests.profiles.builder.driver import START, event
from tests.profiles.domain.decisions.stored import NOW
from tests.profiles.domain.handovers.test_handing_over import DAY, USER
from tests.profiles.people import ALL

MIDNIGHT = (DAY - START.date()).days * 24 * 60 - 12 * 60  # minutes after START


def events() -> list[dict]:
    """A visit of the former, one that reaches over midnight, and one of the new holder; and what they did."""
    like = {"network": "x", "post_id": "p1", "handle": "jane"}
    return [
        event(user_id=USER, minutes=0, name="Post Liked", properties=like),
        event(user_id=USER, minutes=1, name="Rage Click", properties={"element": "buy"}),
        event(user_id=USER, minutes=MIDNIGHT - 5),
        event(user_id=USER, minutes=MIDNIGHT + 5, name="Post Liked", properties={**like, "post_id": "p2"}),
        event(user_id=USER, minutes=MIDNIGHT + 6, name="Rage Click", properties={"element": "help"}),
        event(user_id=USER, minutes=MIDNIGHT + 600),
    ]


class Downstream:
    """The consumers of `profiles.events`."""

    def __init__(self, driver) -> None:
        self._connection = driver.connection
        self._consumers = [
            SessionsConsumer(partitions=1, timeouts=lambda _: {}),
            BehaviourConsumer(1, timeouts=lambda _: {}),
            SocialConsumer(1),
        ]

    def read(self, values: list[bytes | None]) -> None:
        for consumer in self._consumers:
            records = [Record(EVENTS_TOPIC, 0, at, b"", value, (), START) for at, value in enumerate(values)]
            batch = Batch(records, self._connection, NOW, prepared=consumer.prepare(records))
            with self._connection.transaction():
                consumer.process(batch)
            assert not batch.rejected


@pytest.fixture
def downstream(builder) -> Downstream:
    with builder.connection.transaction():
        builder.connection.execute(
            "DELETE FROM profiles_session; DELETE FROM profiles_behaviour_visit;"
            "DELETE FROM profiles_social_account; DELETE FROM profiles_social_item"
        )
    builder.now = NOW
    return Downstream(builder)


def derived() -> dict[str, set[Any]]:
    named = dict(Identifier.objects.values_list("id", "value"))
    anchors = list(Anchor.objects.all())
    who = {row.birth_id: named[row.user_id or 0] for row in anchors}
    by_row = {row.pk: named[row.user_id or 0] for row in anchors}
    return {
        "visits": {(by_row[row.anchor_id], row.first_at, row.last_at, row.events) for row in Session.objects.all()},
        "behaviour": {(who[row.anchor], row.first_at, row.last_at) for row in VisitBehaviour.objects.all()},
        "accounts": {(who[row.anchor], (row.totals or {})["counts"]["like"]) for row in SocialAccount.objects.all()},
        "items": {(who[row.anchor], row.at) for row in SocialItem.objects.all()},
    }  # fmt: skip


def test_they_are_as_if_it_had_been_known_before(builder, downstream, database):
    sent = events()
    builder.send(*sent)
    downstream.read([each.value for each in builder.published if each.topic == EVENTS_TOPIC])
    before = derived()
    assert len(before["visits"]) == 3
    given = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    told = log(database)
    downstream.read(told)
    after = derived()
    new = f"{USER}\u2060 (from {DAY.isoformat()})"
    midnight = START + timedelta(minutes=MIDNIGHT)
    assert after["visits"] == {
        (USER, START, START + timedelta(minutes=1), 2),
        (USER, midnight - timedelta(minutes=5), midnight - timedelta(minutes=5), 1),
        (new, midnight + timedelta(minutes=5), midnight + timedelta(minutes=6), 2),
        (new, midnight + timedelta(minutes=600), midnight + timedelta(minutes=600), 1),
    }
    assert {(who, first) for who, first, _ in after["behaviour"]} == {
        (w, f) for w, f, _, _ in after["visits"]
    }
    assert after["accounts"] == {(USER, 1), (new, 1)}
    take_back(ALL, given.id, now=NOW)
    downstream.read(log(database)[len(told) :])
    assert derived()["visits"] == before["visits"]
    assert derived()["behaviour"] == before["behaviour"]
    assert derived()["items"] == before["items"]


def test_events_that_were_on_their_way_are_withdrawn_from_the_former(builder, downstream, database):
    builder.send(*events())
    on_their_way = [each.value for each in builder.published if each.topic == EVENTS_TOPIC]
    hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    downstream.read([*on_their_way, *log(database)])
    told = len(log(database))
    assert sweep_handovers(now=NOW) > 0
    downstream.read(log(database)[told:])
    swept = derived()
    new = f"{USER}\u2060 (from {DAY.isoformat()})"
    midnight = START + timedelta(minutes=MIDNIGHT)
    assert {last < midnight for who, _, last, _ in swept["visits"] if who == USER} == {True}
    assert {last < midnight for who, _, last in swept["behaviour"] if who == USER} == {True}
    assert swept["accounts"] == {(USER, 1), (new, 1)}
    assert len([who for who, *_ in swept["visits"] if who == new]) == 2
    assert sweep_handovers(now=NOW) == 0


def log(database) -> list[bytes | None]:
    view = LogView(database.conninfo)
    found = [record.value for record in view.records(EVENTS_TOPIC)]
    view.close()
    return found
