"""What is too much to follow at once does so in the background, step by step."""

import pytest

from profiles.domain.handovers import hand_over, parting, take_back
from profiles.domain.handovers.following import continue_handovers
from profiles.models import Handover, TimelineEvent
from streaming.runtime import failpoints
from streaming.runtime.failpoints import FailpointReached
from tests.profiles.builder.driver import event
from tests.profiles.domain.decisions.stored import NOW, who
from tests.profiles.domain.handovers.test_handing_over import (
    AFTER,
    BEFORE,
    DAY,
    NEW_USER,
    USER,
    facts,
    groups,
    user_events,
)
from tests.profiles.people import ALL

FAILPOINTS = ("handover.before_step_commits", "handover.after_step", "handover.before_end")


@pytest.fixture
def many(builder, monkeypatch):
    """Events of many days, of which a step takes two."""
    builder.now = NOW
    builder.send(*user_events())
    builder.send(
        *(event(user_id=USER, anonymous_id="d2", minutes=AFTER - day * 1440 / 3) for day in range(9))
    )
    monkeypatch.setattr(parting, "STEP", 2)
    yield builder
    failpoints.arm("")


def run() -> None:
    while Handover.objects.filter(state__in=("following", "returning")).exists():
        continue_handovers(now=NOW)


def test_interrupted_anywhere_it_ends_as_if_it_had_followed_at_once(many, monkeypatch):
    before = facts()
    monkeypatch.undo()
    given = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    assert not given.decided.deferred
    at_once = facts()
    take_back(ALL, given.id, now=NOW)
    assert facts() == before
    monkeypatch.setattr(parting, "STEP", 2)
    given = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    assert given.decided.deferred
    interrupted(FAILPOINTS)
    run()
    assert facts() == at_once
    assert take_back(ALL, given.id, now=NOW).decided.deferred
    interrupted(FAILPOINTS)
    run()
    assert facts() == before


def interrupted(names) -> None:
    for name in names:
        for hit in (1, 2):
            failpoints.arm(f"{name}=raise@{hit}")
            with pytest.raises(FailpointReached):
                run()
            failpoints.arm("")
            if name == "handover.before_end":
                break


def test_until_then_everybody_is_who_they_were_and_new_events_go_by_it(many):
    events = TimelineEvent.objects.filter(anchor__profile=who(USER)).count()
    hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    failpoints.arm("handover.after_step=raise@2")
    with pytest.raises(FailpointReached):
        continue_handovers(now=NOW)
    failpoints.arm("")
    assert TimelineEvent.objects.filter(anchor__profile=who(USER)).count() == events
    many.send(event(user_id=USER, anonymous_id="late", minutes=BEFORE + 9))
    many.send(event(user_id=USER, anonymous_id="new", minutes=AFTER + 9))
    run()
    assert groups() == {frozenset({USER, "d1", "d2", "kiosk", "late"}), frozenset({NEW_USER, "new"})}
