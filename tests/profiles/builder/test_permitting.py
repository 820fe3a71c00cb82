"""The collector and the builder take events of a source that collects for a purpose by one table."""

from datetime import timedelta

import orjson
import pytest

from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.plans.collecting import REFUSAL, CollectedFor
from ingestion.domain.plans.rules import SourceRules
from profiles.enums import DeclarationKind
from profiles.models import Consent, ConsentDay, Profile, SuppressedMessage, TimelineEvent
from tests.profiles.builder.driver import START, event
from tests.profiles.people import declares, person_of

PURPOSE = CollectedFor("marketing", frozenset({"marketing", "marketingandanalytics"}))
RULES = SourceRules(purposes=[], of_events={}, of_keys={}, plan=None, collected_for=PURPOSE)


def accepted(minutes: float = 0, *, says: dict | None = None, **fields):
    """An event as the collector writes it for a source that collects for marketing."""
    item = {
        "type": "track", "event": "Ad Clicked", "properties": {"ad": 7}, "timestamp": (START + timedelta(minutes=minutes)).isoformat(),
        "context": {"page": {"url": "/x"}, **({"consent": {"categoryPreferences": says}} if says is not None else {})},
        **fields,
    }  # fmt: skip
    return accept_item(item, Envelope(source_id=1, received_at=START + timedelta(hours=1), rules=RULES))


def says(minutes: float, *, granted: bool, **ids):
    """What another source says."""
    return event(
        "track", minutes, context={"consent": {"categoryPreferences": {"Marketing": granted}}}, **ids
    )


def applied() -> list[str]:
    return sorted(TimelineEvent.objects.filter(properties__has_key="ad").values_list("message_id", flat=True))


# What was known before (the person said it on another source), what the event says, and whether it is taken.
TABLE = [
    (None, None, False),
    (None, {"Marketing": True}, True),
    (None, {"Marketing": False}, False),
    (None, {"Analytics": True}, False),
    (None, {"Marketing": None}, False),
    (True, None, True),
    (True, {"Marketing": False}, False),
    (True, {"Analytics": False}, True),
    (False, None, False),
    (False, {"Marketing": True}, True),  # the same device thinks better of it
    ("objects", {"Marketing": True}, False),
    ("restricted", {"Marketing": True}, False),
]


@pytest.mark.parametrize(("before", "own", "taken"), TABLE)
def test_what_is_known_and_what_the_event_says_decide(builder, before, own, taken):
    if before in (True, False):
        builder.send(says(-5, granted=before, anonymous_id="a"))
    elif before is not None:
        builder.send(event(anonymous_id="a"))
        person = Profile.objects.get().public_id
        kind = DeclarationKind.OBJECTION if before == "objects" else DeclarationKind.RESTRICTION
        declares(person, "marketing" if before == "objects" else "", kind=kind.value)
    builder.send(accepted(anonymousId="a", says=own))
    assert bool(applied()) is taken
    assert SuppressedMessage.objects.exists() is not taken


def test_nothing_of_it_is_kept_and_nobody_is_made_up(builder):
    batch = builder.send(accepted(anonymousId="a", userId="u", says={"Marketing": False}))
    assert not Profile.objects.exists()
    assert not TimelineEvent.objects.exists()
    assert not Consent.objects.exists()
    assert not ConsentDay.objects.exists()
    assert (batch.published, batch.rejected) == ([], [])


def test_a_withdrawal_through_the_source_is_heard(builder):
    builder.send(accepted(1, anonymousId="a", says={"Marketing": True}))
    builder.send(accepted(2, anonymousId="a", says={"Marketing": False}))
    builder.send(accepted(3, anonymousId="a"))
    assert len(applied()) == 1
    assert Consent.objects.get().granted is False
    builder.send(accepted(4, anonymousId="a", says={"Marketing": True}), accepted(5, anonymousId="a"))
    assert len(applied()) == 3


@pytest.mark.parametrize("together", [True, False])
def test_what_is_said_counts_for_events_of_the_same_batch(builder, together):
    events = [says(0, granted=True, user_id="u"), accepted(1, anonymousId="new", userId="u")]
    for part in [events] if together else [[each] for each in events]:
        builder.send(*part)
    assert len(applied()) == 1


def test_of_one_anchor_in_one_batch(builder):
    builder.send(
        says(0, granted=True, anonymous_id="a"), accepted(1, anonymousId="a"), says(2, granted=True, anonymous_id="b"),
        accepted(3, anonymousId="c"),
    )  # fmt: skip
    assert len(applied()) == 1


def test_the_refusal_of_any_device_of_the_person_stops_it(builder):
    builder.send(
        says(0, granted=True, anonymous_id="a", user_id="u"),
        says(1, granted=False, anonymous_id="b", user_id="u"),
    )
    builder.send(accepted(2, anonymousId="c", userId="u", says={"Marketing": True}))
    assert applied() == []
    assert person_of("user_id", "u").anchors.count() == 2


def test_the_collector_leaves_nothing_but_the_refusal():
    secret = {"email": "jane@example.com"}
    left = accepted(
        userId="u", anonymousId="a", says={"Marketing": False, "Analytics": True}, type="identify", traits=secret,
        integrations={"x": 1},
    )  # fmt: skip
    assert b"jane" not in orjson.dumps(left)
    assert (left["type"], left["event"], left["collected_for"], left["withheld"]) == (
        "track", REFUSAL, "marketing", True,
    )  # fmt: skip
    assert left["context"] == {"consent": {"categoryPreferences": {"Marketing": False, "Analytics": True}}}
    kept = accepted(userId="u", says={"Marketing": True})
    assert (kept["properties"], kept["collected_for"], "withheld" in kept) == ({"ad": 7}, "marketing", False)


def test_other_sources_are_not_asked(builder):
    builder.send(says(0, granted=False, anonymous_id="a"), event(anonymous_id="a", properties={"ad": 1}))
    assert len(applied()) == 1
