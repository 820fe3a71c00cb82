"""Merges that joined strangers, lost what people had, or stopped half-way."""

from profiles.models import Evidence, Identifier, Merge, Profile, TimelineEvent, TraitVersion
from tests.profiles.builder.driver import at, event
from tests.profiles.known_bugs.scene import groups, holder, who


def test_posthog_11873_an_alias_does_not_merge_two_identified_people(builder):
    builder.send(event("identify", anonymous_id="a1", user_id="ann", traits={"name": "Ann"}))
    builder.send(event("identify", anonymous_id="b1", user_id="bob", traits={"name": "Bob"}))
    builder.send(event("alias", user_id="ann", previous_id="bob", minutes=1))
    assert who("ann").traits["name"] == "Ann"
    assert who("bob").traits["name"] == "Bob"
    assert Evidence.objects.get(state="refused").refused_by == "unique:user_id"


def test_rudder_transformer_1180_a_shared_device_keeps_its_users_apart(builder):
    for minute, user in enumerate(["ann", "bob", "cem", "ann", "bob"]):
        builder.send(
            event("identify", anonymous_id="tablet", user_id=user, minutes=minute, traits={"name": user})
        )
    assert groups() == {frozenset({"tablet", "ann"}), frozenset({"bob"}), frozenset({"cem"})}
    assert {row.traits["name"] for row in Profile.objects.all()} == {"ann", "bob", "cem"}
    held = TimelineEvent.objects.values_list("anchor__profile_id", flat=True)
    assert sorted(map(list(held).count, {who(user).id for user in ("ann", "bob", "cem")})) == [1, 2, 2]


def test_tracardi_892_a_merge_keeps_the_properties_of_both(builder):
    builder.send(
        event("identify", anonymous_id="a", traits={"city": "Leeds", "plan": "free", "only_old": 1}),
        event("identify", user_id="u", minutes=5, traits={"plan": "gold", "only_new": [1, 2]}),
    )
    builder.send(event(anonymous_id="a", user_id="u", minutes=6))
    person = Profile.objects.get()
    assert person.traits == {"city": "Leeds", "plan": "gold", "only_old": 1, "only_new": [1, 2]}
    assert {key: origin["at"] for key, origin in person.provenance.items()} == {
        "city": at(0), "plan": at(5), "only_old": at(0), "only_new": at(5),
    }  # fmt: skip


def test_unomi_443_a_nested_value_that_loses_is_kept_beside_the_one_that_wins(builder):
    old, new = {"address": {"street": "High Street", "city": "Leeds"}}, {"address": {"city": "York"}}
    builder.send(
        event("identify", anonymous_id="a", traits=old), event("identify", user_id="u", minutes=5, traits=new)
    )
    builder.send(event(anonymous_id="a", user_id="u", minutes=6))
    assert Profile.objects.get().traits == new
    assert [row.value for row in TraitVersion.objects.order_by("timestamp")] == [
        old["address"],
        new["address"],
    ]


def test_unomi_a_merge_has_no_cap_of_fifty_profiles_and_leaves_no_events_behind(builder):
    devices = [f"a{number}" for number in range(80)]
    builder.send(*(event(anonymous_id=device) for device in devices))
    ids = [row.public_id for row in Profile.objects.all()]
    assert len(ids) == 80
    builder.send(*(event(anonymous_id=device, user_id="u", minutes=1) for device in devices))
    person = Profile.objects.get()
    assert {holder(each) for each in ids} == {person.public_id}
    assert Merge.objects.count() == 79
    assert set(TimelineEvent.objects.values_list("anchor__profile_id", flat=True)) == {person.id}


def test_adobe_ka_17865_a_person_with_many_identities_is_one_person(builder):
    builder.send(
        *(
            event(
                "identify",
                anonymous_id=f"a{number}",
                user_id="u",
                minutes=number,
                traits={f"k{number}": number},
            )
            for number in range(120)
        )
    )
    person = Profile.objects.get()
    assert Identifier.objects.filter(profile=person).count() == 121
    assert person.traits == {f"k{number}": number for number in range(120)}


def test_insight_1767_a_shared_mailbox_merges_nobody(builder):
    users = [f"u{number}" for number in range(12)]
    for minute, user in enumerate(users):
        builder.send(
            event(
                "identify", user_id=user, minutes=minute, traits={"email": "team@acme.example", "name": user}
            )
        )
    assert groups() == {frozenset({user}) for user in users}
    assert {row.traits["name"] for row in Profile.objects.all()} == set(users)
    mailbox = Identifier.objects.get(value="team@acme.example")
    assert mailbox.shared
    assert mailbox.profile_id is None


def test_insight_1767_nor_do_the_devices_that_it_was_seen_on(builder):
    builder.send(
        *(
            event(
                "identify",
                anonymous_id=f"a-{user}",
                user_id=user,
                minutes=minute,
                traits={"email": "team@acme.example"},
            )
            for minute, user in enumerate(("ann", "bob"))
        )
    )
    assert groups() == {frozenset({"a-ann", "ann"}), frozenset({"a-bob", "bob"})}
