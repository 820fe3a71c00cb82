"""Verified values, finds in texts, blocked centres and windows, in any order: stored is what the pure function says."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from profiles.models import Evidence, Namespace
from tests.profiles.builder.driver import START, at, event
from tests.profiles.builder.model import book_of
from tests.profiles.builder.oracle import decided, stored
from tests.profiles.builder.picture import clear

MAYBE = st.sampled_from
RULES: dict[str, dict[str, dict[str, Any]]] = {
    "found values join": {
        "email": {"content": "join", "limit": 1, "verified_paths": ["traits.verified"]},
        "anonymous_id": {"limit": 2},
    },
    "found values are proposed, limits have windows": {
        "email": {
            "content": "propose",
            "shared_patterns": ["info@.*"],
            "verified_paths": ["traits.verified"],
        },
        "phone": {"limit": 1, "limit_days": 1},
        "anonymous_id": {"limit": 1, "limit_days": 2},
    },
}


@st.composite
def histories(draw) -> list[dict]:
    """Events of few people who say a lot at once, with notes about others."""
    found = []
    for number in range(draw(st.integers(2, 10))):
        traits = {
            "email": draw(MAYBE([None, "e0@x.org", "e1@x.org", "info@x.org"])),
            "verified": draw(MAYBE([None, True])),
            "phone": draw(MAYBE([None, None, "+31201234567", "+31201234568"])),
            "customer_number": draw(MAYBE([None, None, "c0", "c1"])),
        }
        text = draw(MAYBE(["", "", "ask e0@x.org", "ask e1@x.org or e2@x.org", "ask info@x.org"]))
        kind = draw(MAYBE(["identify", "identify", "track"]))
        found.append(
            event(
                kind,
                minutes=draw(st.integers(0, 4)) * draw(MAYBE([1, 24 * 60])),
                message_id=f"m{number}",
                anonymous_id=draw(MAYBE([None, "a0", "a1", "a2"])),
                user_id=draw(MAYBE([None, None, "u0", "u1", "undefined"])),
                traits={key: value for key, value in traits.items() if value} if kind == "identify" else {},
                properties={"note": text} if text else {},
                received_at=at(7 * 24 * 60),
            )
        )
    return found


@pytest.mark.parametrize("rules", RULES)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), size=st.integers(1, 3), seed=st.integers(0, 2**32))
def test_what_is_stored_is_what_the_pure_function_says(builder, rules, *, events, size, seed):
    for key, values in RULES[rules].items():
        Namespace.objects.filter(key=key).update(**values)
    clear(builder.connection)
    builder.now = START.replace(month=12)
    random.Random(seed).shuffle(events)
    for start in range(0, len(events), size):
        batch = events[start : start + size]
        note(str([{key: value for key, value in each.items() if value} for each in batch]))
        builder.send(*batch)
        assert stored() == decided(book_of(builder.connection))
    assert not builder.rejected


def test_a_note_about_somebody_else_waits_for_review_and_joins_nobody(builder):
    Namespace.objects.filter(key="email").update(content="propose")
    builder.send(event("identify", user_id="jane", traits={"email": "jane@x.org"}))
    builder.send(event(user_id="u", minutes=1, properties={"note": "my wife is jane@x.org"}))
    link = Evidence.objects.get(rule="content")
    assert (link.state, link.a.value, link.b.value) == ("proposed", "u", "jane@x.org")
    assert link.a.profile_id != link.b.profile_id


def test_an_address_that_only_a_note_names_is_nobody_until_it_appears(builder):
    Namespace.objects.filter(key="email").update(content="join")
    builder.send(event(user_id="u", properties={"note": "my address is new@x.org"}))
    link = Evidence.objects.get(rule="content")
    assert (link.state, link.b.present, link.b.profile_id) == ("ignored", False, None)
    builder.send(event("identify", anonymous_id="a", minutes=1, traits={"email": "new@x.org"}))
    link.refresh_from_db()
    assert (link.state, link.b.present) == ("accepted", True)
    assert link.a.profile_id == link.b.profile_id is not None


def test_a_shared_address_that_a_note_named_first_is_attached_once_it_appears(builder):
    Namespace.objects.filter(key="email").update(content="join", shared_patterns=["info@.*"])
    builder.send(event(anonymous_id="a", properties={"note": "ask info@x.org"}))
    link = Evidence.objects.get()
    assert link.state == "ignored"
    builder.send(event("identify", minutes=1, traits={"email": "info@x.org"}))
    link.refresh_from_db()
    assert (link.state, link.b.present, link.b.profile_id) == ("attached", True, None)
