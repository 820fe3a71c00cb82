from profiles.models import (
    Anchor,
    BuilderMinute,
    DailyCounter,
    Identifier,
    Merge,
    Profile,
    ProfileActivity,
    ProfileName,
    TimelineEvent,
    TraitVersion,
)
from streaming.contracts.profiles import CHANGES_TOPIC, EVENTS_TOPIC, decode_change, decode_profile_event
from tests.profiles.builder.driver import event


def changes(driver):
    return [decode_change(record.value) for record in driver.published if record.topic == CHANGES_TOPIC]


def test_a_visitor_becomes_a_person_with_facts(builder):
    builder.send(event(anonymous_id="a"), event(anonymous_id="a", minutes=2))
    builder.send(
        event(
            "identify",
            anonymous_id="a",
            user_id="u",
            minutes=3,
            traits={"email": "Jane@X.org", "name": "Jane Doe"},
        )
    )
    person = Profile.objects.get()
    assert person.traits == {"email": "Jane@X.org", "name": "Jane Doe"}
    assert person.lifecycle == "prospect"
    assert ProfileName.objects.get().name == "jane doe"
    assert set(Identifier.objects.values_list("value", "profile_id")) == {
        ("a", person.id),
        ("u", person.id),
        ("jane@x.org", person.id),
    }
    assert TimelineEvent.objects.count() == 3
    assert ProfileActivity.objects.get(profile=person).events == 3
    assert sorted(DailyCounter.objects.values_list("count", flat=True)) == [1, 2]
    assert TraitVersion.objects.count() == 2
    assert BuilderMinute.objects.get().applied == 3
    assert {record.topic for record in builder.published} == {CHANGES_TOPIC, EVENTS_TOPIC}
    assert [change["type"] for change in changes(builder)] == [
        "profile.identified.v1",
        "profile.identified.v1",
        "profile.trait_changed.v1",
        "profile.lifecycle_changed.v1",
    ]


def test_an_email_seen_on_both_makes_two_people_one_and_says_why(builder):
    builder.send(
        event("identify", anonymous_id="a", traits={"email": "j@x.org"}), event(anonymous_id="b", minutes=1)
    )
    first, second = Profile.objects.order_by("first_seen")
    builder.send(event("identify", anonymous_id="b", minutes=2, traits={"email": "j@x.org"}))
    person = Profile.objects.get()
    assert person.public_id == first.public_id
    assert Anchor.objects.filter(profile=person).count() == 2
    merge = Merge.objects.get()
    assert (merge.source, merge.target) == (second.public_id, first.public_id)
    assert len(merge.evidence) == 1
    merged = next(change for change in changes(builder) if change["type"] == "profile.merged.v1")
    assert merged["source"] == str(second.public_id)
    assert [mapping.profile for mapping in merged["anchors"]] == [str(first.public_id)]


def test_every_event_is_published_with_its_anchor_and_profile(builder):
    builder.send(event(anonymous_id="a", message_id="x"))
    (record,) = [record for record in builder.published if record.topic == EVENTS_TOPIC]
    published = decode_profile_event(record.value)
    assert published["profile"] == str(Profile.objects.get().public_id)
    assert published["event"]["message_id"] == "x"
    assert published["anchor"] == str(Anchor.objects.get().birth_id)
