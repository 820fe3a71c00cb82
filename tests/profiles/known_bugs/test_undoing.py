"""Splits that did nothing, people who seemed deleted after one, merges for ever, and ids that were used again."""

import pytest
from django.db import connection
from django.utils import timezone

from compliance.suppression import suppress
from profiles.domain.decisions import split_off, withdraw
from profiles.models import Anchor, Evidence, Profile, TimelineEvent
from tests.compliance.suppressions import lift
from tests.profiles.builder.driver import event
from tests.profiles.known_bugs.scene import groups, holder, who
from tests.profiles.people import ALL, seen


@pytest.fixture
def merged(builder):
    """A device and a user with lives of their own before they became one person."""
    builder.send(event("identify", anonymous_id="a", traits={"city": "Leeds"}))
    builder.send(event("identify", user_id="u", minutes=1, traits={"plan": "gold"}))
    builder.ids = {"a": who("a", "anonymous_id").public_id, "u": who("u").public_id}
    builder.send(event(anonymous_id="a", user_id="u", minutes=2))
    assert Profile.objects.count() == 1
    return builder


def test_posthog_104939_splitting_off_the_id_that_created_the_person_works(merged):
    person = Profile.objects.get()
    assert person.public_id == merged.ids["a"]  # the device came first
    split_off(ALL, person.public_id, "anonymous_id:a", why="two people", now=timezone.now())
    assert groups() == {frozenset({"a"}), frozenset({"u"})}
    assert {name: holder(each) for name, each in merged.ids.items()} == {
        "a": who("a", "anonymous_id").public_id,
        "u": who("u").public_id,
    }


def test_posthog_39373_both_halves_of_a_split_are_there_with_what_is_theirs(merged):
    split_off(ALL, Profile.objects.get().public_id, "user_id:u", why="two people", now=timezone.now())
    device, user = who("a", "anonymous_id"), who("u")
    assert (device.traits, user.traits) == ({"city": "Leeds"}, {"plan": "gold"})
    for person in (device, user):
        assert seen(ALL, person.public_id).id == person.public_id
    held = TimelineEvent.objects.order_by("timestamp").values_list("anchor__profile_id", flat=True)
    assert list(held) == [device.id, user.id, user.id]


def test_posthog_39373_a_split_holds_against_the_same_link_from_elsewhere(merged):
    split_off(ALL, Profile.objects.get().public_id, "user_id:u", why="two people", now=timezone.now())
    merged.send(event(anonymous_id="a", user_id="u", minutes=9, source_id=2))
    assert groups() == {frozenset({"a"}), frozenset({"u"})}


def test_mixpanel_a_merge_can_be_undone(merged):
    link = Evidence.objects.get()
    decided = withdraw(ALL, Profile.objects.get().public_id, [link.id], why="a mistake", now=timezone.now())
    assert not decided.still_one
    assert groups() == {frozenset({"a"}), frozenset({"u"})}
    assert {holder(each) for each in merged.ids.values()} == {row.public_id for row in Profile.objects.all()}


def test_posthog_12610_11590_an_id_that_comes_back_after_a_deletion_is_somebody_new(builder):
    builder.send(event("identify", user_id="u", traits={"name": "Jane"}))
    former = who("u").public_id
    suppress("user_id", "u", by=ALL, now=timezone.now())
    _delete(former)
    builder.send(event("identify", user_id="u", minutes=1, traits={"plan": "gold"}))
    assert not Profile.objects.exists()  # not while it is suppressed, whoever sends it again
    lift("user_id", "u", by=ALL)
    builder.send(event("identify", user_id="u", minutes=2, traits={"plan": "free"}))
    back = who("u")
    assert back.public_id != former
    assert back.traits == {"plan": "free"}
    assert not Anchor.objects.filter(birth_id=former).exists()


def _delete(profile_id) -> None:
    """What an erasure leaves of a person: nothing."""
    anchors = list(Anchor.objects.filter(birth_id=profile_id).values_list("id", "profile_id"))
    with connection.cursor() as cursor:
        for anchor, row in anchors:
            cursor.execute("DELETE FROM profiles_timeline WHERE anchor_id = %s", [anchor])
            cursor.execute("DELETE FROM profiles_daily_counter WHERE anchor_id = %s", [anchor])
            cursor.execute("DELETE FROM profiles_trait_version WHERE anchor_id = %s", [anchor])
            cursor.execute("DELETE FROM profiles_anchor WHERE id = %s", [anchor])
            cursor.execute("DELETE FROM profiles_profilename WHERE profile_id = %s", [row])
            cursor.execute("DELETE FROM profiles_identifier WHERE profile_id = %s", [row])
            cursor.execute("DELETE FROM profiles_profile WHERE id = %s", [row])
