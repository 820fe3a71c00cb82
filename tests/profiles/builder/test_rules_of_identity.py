"""Limits, uniqueness, shared and blocked values, and events that name nobody."""

from profiles.models import Anchor, Evidence, Identifier, Profile, TimelineEvent
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import people


def groups() -> set[frozenset[str]]:
    return {frozenset(value for _, value in each) for each in people().values()}


def test_a_second_user_on_a_device_stays_another_person_and_keeps_their_events(builder):
    builder.send(event(anonymous_id="tablet", user_id="ann"))
    builder.send(event(anonymous_id="tablet", user_id="bob", minutes=1))
    assert groups() == {frozenset({"tablet", "ann"}), frozenset({"bob"})}
    refused = Evidence.objects.get(state="refused")
    assert refused.refused_by == "unique:user_id"
    bob = Profile.objects.get(identifiers__value="bob")
    assert [row.anchor.profile_id for row in TimelineEvent.objects.order_by("timestamp")][1] == bob.id
    assert bob.cluster_id is not None


def test_an_email_of_two_users_joins_nobody(builder):
    builder.send(event("identify", anonymous_id="a", traits={"email": "family@x.org"}))
    builder.send(event("identify", user_id="ann", minutes=1, traits={"email": "family@x.org"}))
    assert groups() == {frozenset({"a", "ann", "family@x.org"})}
    builder.send(event("identify", user_id="bob", minutes=2, traits={"email": "family@x.org"}))
    assert groups() == {frozenset({"a"}), frozenset({"ann"}), frozenset({"bob"})}
    email = Identifier.objects.get(value="family@x.org")
    assert (email.shared, email.profile_id) == (True, None)
    assert set(Evidence.objects.values_list("state", flat=True)) == {"attached"}


def test_facts_stay_with_their_anchors_when_people_are_taken_apart(builder):
    builder.send(event("identify", anonymous_id="a", traits={"email": "family@x.org", "plan": "gold"}))
    builder.send(
        event("identify", user_id="ann", minutes=1, traits={"email": "family@x.org", "plan": "free"})
    )
    assert Profile.objects.get().traits["plan"] == "free"
    builder.send(event("identify", user_id="bob", minutes=2, traits={"email": "family@x.org"}))
    plans = {row.identifiers.get().value: row.traits.get("plan") for row in Profile.objects.all()}
    assert plans == {"a": "gold", "ann": "free", "bob": None}


def test_values_that_identify_nobody_make_no_person(builder):
    builder.send(
        event(anonymous_id="null", user_id="undefined"), event(anonymous_id="null", user_id="undefined")
    )
    assert not Profile.objects.exists()
    anchor = Anchor.objects.get()
    assert (anchor.home_id, anchor.profile_id, anchor.live_id) == (None, None, None)
    assert TimelineEvent.objects.filter(anchor=anchor).count() == 2
    assert set(Identifier.objects.values_list("value", flat=True)) == {"null", "undefined"}


def test_a_blocked_user_does_not_join_its_devices(builder):
    builder.send(event(anonymous_id="a", user_id="0"), event(anonymous_id="b", user_id="0"))
    assert groups() == {frozenset({"a"}), frozenset({"b"})}
    assert set(Evidence.objects.values_list("state", flat=True)) == {"ignored"}


def test_an_event_without_identifiers_is_kept_and_belongs_to_nobody(builder):
    builder.send(event(), event())
    assert TimelineEvent.objects.count() == 2
    assert Anchor.objects.get().profile_id is None
    assert not Profile.objects.exists()


def test_an_alias_links_a_user_with_their_former_id(builder):
    builder.send(event(anonymous_id="a"))
    builder.send(event("alias", user_id="u", previous_id="a", minutes=1))
    assert groups() == {frozenset({"a", "u"})}


def test_an_alias_to_another_user_is_refused_and_waits_for_review(builder):
    builder.send(event(user_id="old"), event(user_id="new"))
    builder.send(event("alias", user_id="new", previous_id="old", minutes=1))
    former_device = ("anonymous_id", "old")
    assert set(people().values()) == {
        frozenset({("user_id", "old")}),
        frozenset({("user_id", "new"), former_device}),
    }
    assert Evidence.objects.get(state="refused").refused_by == "unique:user_id"


def test_a_group_joins_nobody(builder):
    builder.send(
        event("group", anonymous_id="a", group_id="g"), event("group", anonymous_id="b", group_id="g")
    )
    assert groups() == {frozenset({"a"}), frozenset({"b"})}
    assert Identifier.objects.get(value="g").profile_id is None
