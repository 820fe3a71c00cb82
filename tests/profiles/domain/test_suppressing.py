"""Suppressing a person: what is theirs alone is, and nobody else is silenced."""

from datetime import date, timedelta

import pytest

from compliance.access import AccessDenied
from compliance.enums import Operation
from compliance.models import AuditEntry, SuppressedIdentifier
from compliance.suppression import snapshot, suppress
from profiles.domain.handovers import hand_over
from profiles.domain.suppressing import (
    ChangedMeanwhile,
    Fate,
    NothingToSuppress,
    foresee_suppression,
    suppress_person,
)
from profiles.models import Identifier, TimelineEvent
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, MARKETER, changes_topic, person_of  # noqa: F401 -- fixtures

NOW = START + timedelta(days=4)


def _fates(profile) -> dict[str, set[str]]:
    found = foresee_suppression(ALL, profile.public_id, now=NOW)
    assert {fate: len(each) for fate, each in found.shown.items() if each} == dict(found.counts)
    return {fate.value: {each.value or "" for each in shown} for fate, shown in found.shown.items() if shown}


def _suppress(profile, **options) -> int:
    return suppress_person(ALL, profile.public_id, reason="asked for it", now=NOW, **options)


def test_what_is_theirs_alone_is_suppressed_and_nothing_else(builder, jane):
    builder.send(
        event("identify", user_id="42", minutes=4, traits={"email": "info@acme.example"}),
        event("group", user_id="42", group_id="acme", minutes=5),
        event(user_id="42", anonymous_id="null", minutes=6),
    )
    suppress("anonymous_id", "a2", by=ALL, now=NOW)
    assert _fates(jane) == {
        "suppressed": {"42", "jane@example.com", "a1"},
        "already": {"a2"},
        "shared": {"info@acme.example"} if "shared" in _fates(jane) else set(),
        "attaches": {"acme"},
        "blocked": {"null"},
    }
    assert _suppress(jane) == 3
    assert {row.namespace for row in SuppressedIdentifier.objects.all()} == {
        "user_id",
        "email",
        "anonymous_id",
    }
    assert not snapshot().has("email", "info@acme.example")


def test_nothing_new_is_stored_of_a_suppressed_person_and_of_others_it_is(builder, jane):
    _suppress(jane)
    before = TimelineEvent.objects.count()
    builder.send(
        event(user_id="42", minutes=7),
        event(anonymous_id="a1", minutes=7),
        event("identify", anonymous_id="new", minutes=8, traits={"email": "Jane@Example.com"}),
    )
    assert TimelineEvent.objects.count() == before
    builder.send(event(user_id="77", anonymous_id="a1", minutes=9))
    assert TimelineEvent.objects.count() == before + 1
    assert Identifier.objects.get(value="77").profile_id != jane.pk


def test_a_number_that_is_somebody_elses_by_now_is_left_to_them(builder, jane, changes_topic):  # noqa: F811
    builder.now = NOW
    builder.send(event("identify", user_id="42", minutes=4, traits={"phone": "+31612345678"}))
    hand_over(ALL, "phone:+31612345678", date(2026, 3, 3), why="", now=NOW)
    builder.send(event("identify", user_id="bob", minutes=3 * 24 * 60, traits={"phone": "+31612345678"}))
    assert _fates(jane)["given_away"] == {"+31612345678"}
    _suppress(jane)
    assert not snapshot().has("phone", "+31612345678")
    bob = person_of("user_id", "bob")
    assert _suppress(bob) == 2
    assert snapshot().has("phone", "+31612345678")


def test_what_changed_since_it_was_shown_is_shown_again_and_twice_is_once(builder, jane):
    seen = foresee_suppression(ALL, jane.public_id, now=NOW).seen
    builder.send(event(user_id="42", anonymous_id="a3", minutes=9))
    with pytest.raises(ChangedMeanwhile, match="look again"):
        _suppress(jane, seen=seen)
    assert not SuppressedIdentifier.objects.exists()
    seen = foresee_suppression(ALL, jane.public_id, now=NOW).seen
    assert _suppress(jane, seen=seen) == 5
    for again in (seen, None):
        with pytest.raises(NothingToSuppress):
            _suppress(jane, seen=again)


def test_it_takes_both_rights_and_shows_nothing_that_is_masked(jane):
    with pytest.raises(AccessDenied, match=r"suppressions\.manage"):
        foresee_suppression(MARKETER, jane.public_id, now=NOW)
    with pytest.raises(AccessDenied):
        suppress_person(MARKETER, jane.public_id, reason="why", now=NOW)
    keeper = type(MARKETER)(
        MARKETER.kind, "keeper", MARKETER.operations | {Operation.SUPPRESSIONS_MANAGE}, MARKETER.categories
    )
    shown = foresee_suppression(keeper, jane.public_id, now=NOW).shown[Fate.SUPPRESSED]
    assert {(each.namespace, each.value) for each in shown if each.namespace == "email"} == {("email", None)}
    assert suppress_person(keeper, jane.public_id, reason="why", now=NOW) == 4
    assert snapshot().has("email", "jane@example.com")
    (kept,) = AuditEntry.objects.filter(action="suppression.person")
    assert kept.actor == "keeper"
