"""Whatever the order, the batches and the repetitions: the same events make the same people and facts."""

import random
from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from profiles.models import Anchor, Namespace
from streaming.contracts.profiles import CHANGES_TOPIC, AnchorMapping, decode_change, decode_profile_event
from tests.profiles.builder.driver import START, Driver, at, event
from tests.profiles.builder.model import book_of, expected_people
from tests.profiles.builder.picture import clear, people, picture

MAYBE = st.sampled_from


@st.composite
def histories(draw) -> list[dict]:
    """A few events among few identifiers, so that they meet, clash, and are shared."""
    found = []
    for number in range(draw(st.integers(2, 12))):
        kind = draw(MAYBE(["track", "track", "identify", "identify", "alias", "group"]))
        traits = {}
        if kind == "identify":
            traits = {
                "email": draw(MAYBE([None, "e0@x.org", "E1@x.org", "e2@x.org"])),
                "phone": draw(MAYBE([None, None, "+31201234567"])),
                "customer_number": draw(MAYBE([None, None, "c0", "c1"])),
                "plan": draw(MAYBE([None, "gold", "free", 1])),
            }
            traits = {key: value for key, value in traits.items() if value is not None or draw(st.booleans())}
        found.append(
            event(
                kind,
                minutes=draw(st.integers(0, 6)) * draw(MAYBE([1, 1, 24 * 60])),
                name=draw(MAYBE(["Page Viewed", "Order Completed"])) if kind == "track" else None,
                message_id=f"m{number}",
                source_id=draw(MAYBE([1, 1, 2])),
                anonymous_id=draw(MAYBE([None, "a0", "a1", "a2", "a3", "null"])),
                user_id=draw(MAYBE([None, None, "u0", "u1", "u2", "undefined"])),
                previous_id=draw(MAYBE(["a0", "a3", "u0", "u3"])) if kind == "alias" else None,
                group_id=draw(MAYBE([None, "g0"])) if kind == "group" else None,
                traits=traits,
                received_at=at(7 * 24 * 60),
            )
        )
    return found


RULES = {
    "as installed": {},
    "narrow limits": {"anonymous_id": {"limit": 2}, "email": {"limit": 1}},
    "limits within a day": {
        "anonymous_id": {"limit": 1, "limit_days": 1},
        "email": {"limit": 1, "limit_days": 2},
    },
    "nothing unique": {"user_id": {"unique": False, "limit": 2}, "email": {"limit": 2}},
}


@pytest.fixture(params=RULES)
def ruled_builder(request, builder):
    for key, values in RULES[request.param].items():
        Namespace.objects.filter(key=key).update(**values)
    builder.now = START + timedelta(days=8)  # after all of it was received
    builder.connection.execute("SET synchronous_commit = off")
    builder.connection.commit()
    return builder


def run(driver: Driver, batches: list[list[dict]]) -> dict:
    clear(driver.connection)
    driver.published = []
    for batch in batches:
        driver.send(*batch)
    return picture()


def shuffled(events: list[dict], chance: random.Random) -> list[list[dict]]:
    """The events in another order, some of them twice, in batches of any size."""
    deck = events + chance.sample(events, chance.randint(0, len(events)))
    chance.shuffle(deck)
    batches = []
    while deck:
        size = chance.choice([1, 1, 2, 3, len(deck)])
        batches.append(deck[:size])
        deck = deck[size:]
    return batches


def brief(content: dict) -> str:
    shown = (
        "message_id",
        "type",
        "event",
        "anonymous_id",
        "user_id",
        "previous_id",
        "group_id",
        "traits",
        "timestamp",
        "source_id",
    )
    return " ".join(f"{key}={content[key]}" for key in shown if content[key])


def replicas(driver: Driver, others: Iterable[AnchorMapping] = ()) -> dict[str, str | None]:
    """Which profile holds each anchor for a reader that applies mappings by their versions.

    `others` are what was published by others than the builder.
    """
    mappings = list(others)
    for record in driver.published:
        if record.topic == CHANGES_TOPIC:
            mappings += decode_change(record.value)["anchors"]
        else:
            told = decode_profile_event(record.value)
            mappings.append(AnchorMapping(told["anchor"], told["mapping_version"], told["profile"]))
    return {anchor: profile for anchor, _, profile in sorted(mappings, key=lambda each: each[1])}


def check_ids(driver: Driver, others: Iterable[AnchorMapping] = ()) -> None:
    """Every published id leads to somebody, and a reader of what was published knows who has which anchor."""
    anchors = {str(row.birth_id): row for row in Anchor.objects.select_related("profile")}
    told = replicas(driver, others)
    for birth_id, profile in told.items():
        row = anchors[birth_id]
        assert profile == (str(row.profile.public_id) if row.profile else None)
        assert row.live_id == (row.profile.public_id if row.profile else None)
    assert {profile for profile in told.values() if profile} <= anchors.keys()
    for row in anchors.values():
        assert row.home is None or row.profile is not None or row.home.shared
        if row.profile is not None:
            assert anchors[str(row.profile.public_id)].profile == row.profile


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), seed=st.integers(0, 2**32))
def test_any_order_makes_the_same_people_and_facts(ruled_builder, events, seed):
    chance = random.Random(seed)
    note("\n".join(map(brief, events)))
    first = run(ruled_builder, [events])
    check_ids(ruled_builder)
    expected, shared, outcomes = expected_people(events, book_of(ruled_builder.connection))
    assert set(people().values()) == expected
    assert first["shared"] == shared
    assert {key: value[2:] for key, value in first["evidence"].items()} == outcomes
    for _ in range(2):
        batches = shuffled(events, chance)
        note(f"in batches {[[each['message_id'] for each in batch] for batch in batches]}")
        again = run(ruled_builder, batches)
        check_ids(ruled_builder)
        assert again == first
