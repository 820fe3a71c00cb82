import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import consent
from compliance.access import Actor
from compliance.consent import (
    UnknownPurpose,
    in_words,
    limits_of_keys,
    narrowed,
    permits,
    recorded_purposes,
    recorded_with_keys,
    use_by,
    use_for,
)
from compliance.enums import ActorKind
from compliance.models import Purpose


def stated(**preferences):
    return {"context": {"consent": {"categoryPreferences": preferences}}}


@pytest.mark.parametrize(
    ("event", "recorded"),
    [
        ({}, []),
        ({"context": {}}, []),
        ({"context": None, "purposes": []}, []),
        ({"purposes": ["Service", "analytics"]}, ["only", "service", "analytics"]),
        (stated(Advertising=True, Analytics=False), ["advertising", "-analytics"]),
        (stated(Advertising=None, Analytics=False), ["-analytics"]),  # what is unset is not refused
        ({**stated(Analytics=True), "purposes": ["analytics"]}, ["only", "analytics"]),
        (
            {"context": {"consent": {"categoryPreferences": {"": True, "only": True, "C0004": "yes"}}}},
            ["-c0004"],
        ),
        ({"context": {"consent": "all"}, "purposes": "analytics"}, []),
    ],
)
def test_what_an_event_says_of_purposes(event, recorded):
    assert recorded_purposes(event) == recorded


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["consent", "categoryPreferences", "x"]), inner)
        ),
        max_leaves=8,
    )
)
def test_whatever_a_source_sends_can_be_recorded(value):
    context = value if isinstance(value, dict) else {"consent": value}
    event = {"purposes": value, "context": context, "key_purposes": {"traits.x": value}}
    assert all(isinstance(key, str) for key in recorded_with_keys({**event, "purposes": value}))
    assert all(isinstance(key, str) for key in recorded_with_keys({**event, "key_purposes": value}))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("recorded", "service", "advertising"),
    [
        ([], True, False),
        (["advertising"], True, True),
        (["targeting"], True, True),
        (["c0004"], True, True),
        (["-advertising"], True, False),
        (["advertising", "-c0004"], True, False),
        (["-service"], False, False),
        (["only", "analytics"], False, False),
        (["only", "service"], True, False),
        (["only", "advertising"], False, True),
        (["analytics"], True, False),
        (["=service"], True, False),
        (["=advertising"], False, False),
        (["advertising", "=advertising", "=service"], True, True),
        (["only", "service", "="], False, False),
        (["properties.total=analytics"], True, False),
    ],
)
def test_consent_must_be_given_and_other_grounds_hold_until_refused(recorded, service, advertising):
    assert permits("service", recorded) is service
    assert permits("advertising", recorded) is advertising


LIMITED = {
    "purposes": ["service"],
    "key_purposes": {
        "traits.plan": ["marketing", "service"], "properties.items[].sku": ["analytics"], "properties.total": ["service"],
    },
}  # fmt: skip


def test_limits_of_single_keys_are_recorded_and_told_again():
    recorded = recorded_with_keys(LIMITED)
    assert recorded[:2] == ["only", "service"]
    assert limits_of_keys(recorded) == LIMITED["key_purposes"]


@pytest.mark.parametrize(
    ("paths", "limits"),
    [
        ([], []),
        (["traits.other", "traits.pla", "traits.planet"], []),
        (["traits.plan"], ["=marketing", "=service"]),
        (["properties.items"], ["=analytics"]),
        (["traits.plan", "properties.total"], ["=service"]),
        (["properties.items", "properties.total"], ["="]),
    ],
)
def test_what_is_made_of_limited_keys_is_limited_to_what_they_have_in_common(paths, limits):
    narrow = narrowed(recorded_with_keys(LIMITED), paths)
    assert narrow == ["only", "service", *limits]
    assert narrowed(narrow, paths) == narrow


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ([], ""),
        (["only", "service", "=service"], "only for service; limited by the catalogue to service"),
        (["only", "-analytics"], "only for nothing; not for analytics"),
        (
            ["advertising", "-analytics", "="],
            "consented to advertising; not for analytics; limited by the catalogue to nothing",
        ),
        (["properties.total=service"], ""),
    ],
)
def test_what_is_recorded_can_be_read(recorded, words):
    assert in_words(recorded) == words


@pytest.mark.django_db
def test_keys_that_a_use_is_refused_are_named():
    recorded = recorded_with_keys(LIMITED)
    assert use_for("analytics").refused_keys(recorded) == {"traits.plan", "properties.total"}
    assert use_by(Actor.system("x")).refused_keys(recorded) == frozenset()


@pytest.mark.django_db
def test_a_purpose_that_does_not_exist_is_named():
    with pytest.raises(UnknownPurpose, match="no purpose 'spying': choose one of advertising, analytics"):
        permits("spying", [])


@pytest.mark.django_db
def test_an_actor_with_a_purpose_uses_what_is_neither_refused_nor_limited_to_others(
    django_assert_num_queries,
):
    facts: list[list[str]] = [["analytics"], ["-analytics"], [], ["only", "service"], ["=service"]]
    token = Actor(ActorKind.TOKEN, "reports", purpose="analytics")
    with django_assert_num_queries(1):
        use = use_by(token)
        assert [use.permits(each) for each in facts] == [True, False, True, False, False]
    assert all(use_by(Actor.system("x")).permits(each) for each in facts)


@pytest.mark.django_db
def test_of_several_purposes_any_permits_and_of_one_that_there_is_not_nothing(django_assert_num_queries):
    staff = Actor(ActorKind.STAFF, "mia", purposes=frozenset({"analytics", "service", "gone"}))
    with django_assert_num_queries(1):
        use = use_by(staff)
    assert (use.permits(["-analytics"]), use.permits(["-analytics", "-service"])) == (True, False)
    gone = use_by(Actor(ActorKind.TOKEN, "reports", purpose="gone"))
    assert (gone.permits([]), gone.permits(["gone"])) == (False, False)


@pytest.mark.django_db
def test_of_several_purposes_a_refusal_of_one_is_not_evaded_by_another_that_nobody_consented_to():
    Purpose.objects.filter(key="service").update(needs_consent=True)
    use = use_by(Actor(ActorKind.STAFF, "mia", purposes=frozenset({"analytics", "service"})))
    facts: list[list[str]] = [
        [],
        ["-analytics"],
        ["-analytics", "service"],
        ["=service"],
        ["only", "marketing"],
    ]
    assert [use.permits(each) for each in facts] == [True, False, True, False, False]
    assert use.refused_keys(["traits.plan=service"]) == {"traits.plan"}
    assert use.refused_keys(["service", "traits.plan=service"]) == set()


@pytest.mark.django_db
def test_names_of_consent_tools_are_configured():
    Purpose.objects.filter(key="analytics").update(aliases=["Statistics & Insight"])
    assert consent.permits("analytics", recorded_purposes(stated(**{"Statistics & Insight": True})))
