"""Whatever was seen in whatever order: it is as if it had been known before, and taken back as if it had never been said."""

import random
from datetime import date
from typing import Any

from django.db.models import F
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from profiles.domain.handovers import hand_over, take_back
from profiles.models import Handover, Identifier, RulesVersion
from tests.profiles.builder.driver import Driver
from tests.profiles.builder.model import book_of
from tests.profiles.builder.oracle import decided, stored
from tests.profiles.builder.picture import clear, picture
from tests.profiles.builder.test_order import brief, histories, shuffled
from tests.profiles.domain.decisions.stored import NOW
from tests.profiles.people import ALL

DAYS = [date(2026, 3, day) for day in (2, 4, 6)]
Name = tuple[str, str]


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), day=st.sampled_from(DAYS), seed=st.integers(0, 2**32))
def test_it_does_not_matter_when_it_was_said(builder, events, day, seed):
    chance = random.Random(seed)
    note("\n".join(map(brief, events)))
    forget(builder)
    builder.now = NOW
    builder.send(*events)
    before = comparable()
    rows = Identifier.objects.filter(namespace__level__in=["person", "device"]).order_by("namespace", "value")
    if not rows:
        return
    chosen = chance.choice(list(rows.select_related("namespace")))
    name = chosen.namespace.key, chosen.value
    note(f"{name} since {day}")
    given_away = hand_over(ALL, chosen.pk, day, why="", now=NOW)
    assert stored() == decided(book_of(builder.connection))
    known_afterwards = known()
    take_back(ALL, given_away.id, now=NOW)
    assert stored() == decided(book_of(builder.connection))
    assert comparable() == before
    forget(builder)
    batches = shuffled(events, chance)
    for batch in batches:
        builder.send(*batch)
        if not Handover.objects.exists() and (row := find(name)):
            hand_over(ALL, row.pk, day, why="", now=NOW)
    assert stored() == decided(book_of(builder.connection))
    assert known() == known_afterwards


def forget(builder: Driver) -> None:
    """Empty what there is, and have the builder know that no identifier changed hands."""
    clear(builder.connection)
    RulesVersion.objects.update(version=F("version") + 1)


def find(name: Name) -> Identifier | None:
    return Identifier.objects.filter(namespace__key=name[0], value=name[1]).first()


def comparable() -> dict[str, Any]:
    """The picture without what stays of a decision that was taken back: that it was made."""
    found: dict[str, Any] = picture()
    found["first seen"] = {name: time for name, time in found["first seen"].items() if "(from" not in name[1]}
    found["evidence"] = {key: said for key, said in found["evidence"].items() if key[1] != "keep_apart"}
    return found


def known() -> dict[str, Any]:
    """The picture, without the numbers of decisions."""
    return {**picture(), "evidence": comparable()["evidence"]}
