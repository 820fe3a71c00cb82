import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import consent
from compliance.access import Actor
from compliance.consent import UnknownPurpose, permits, permitted_keys, recorded_purposes, use_by
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
    assert all(isinstance(key, str) for key in recorded_purposes({"purposes": value, "context": context}))


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
    ],
)
def test_consent_must_be_given_and_other_grounds_hold_until_refused(recorded, service, advertising):
    assert permits("service", recorded) is service
    assert permits("advertising", recorded) is advertising


@pytest.mark.django_db
def test_a_purpose_that_does_not_exist_is_named():
    with pytest.raises(UnknownPurpose, match="no purpose 'spying': choose one of advertising, analytics"):
        permits("spying", [])


@pytest.mark.django_db
def test_an_actor_with_a_purpose_uses_only_what_it_permits(django_assert_num_queries):
    provenance = {
        "plan": {"at": "", "source": 1, "message": "", "purposes": ["analytics"]},
        "email": {"at": "", "source": 1, "message": "", "purposes": ["-analytics"]},
        "age": {"at": "", "source": 1, "message": ""},
    }
    token = Actor(ActorKind.TOKEN, "reports", purpose="analytics")
    with django_assert_num_queries(1):
        use = use_by(token)
        assert list(permitted_keys(use, provenance)) == ["plan"]
    assert list(permitted_keys(use_by(Actor.system("x")), provenance)) == ["plan", "email", "age"]


@pytest.mark.django_db
def test_names_of_consent_tools_are_configured():
    Purpose.objects.filter(key="analytics").update(aliases=["Statistics & Insight"])
    assert consent.permits("analytics", recorded_purposes(stated(**{"Statistics & Insight": True})))
