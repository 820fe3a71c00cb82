"""What each form of a consent tool says, and what the names in it mean for a source."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.consent import (
    UNDERSTOOD,
    proof,
    recorded_purposes,
    stated_consents,
    text_version,
    with_understood,
)
from compliance.signals import Meaning, Meanings, Signal, google, rudderstack, segment, understood
from tests.compliance.signals.strings import tc_string

ONE_TRUST = {"consentManagement": {"allowedConsentIds": ["C0001", "C0002"], "deniedConsentIds": ["C0004"], "provider": "oneTrust", "resolutionStrategy": "and"}}  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["granted", "denied", "G111"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(["consent", "google", "categoryPreferences", "ad_storage", "gcs", "allowedConsentIds", "consentManagement", "understood"]),
        inner,
    ),
)  # fmt: skip


def test_segments_preferences_grant_refuse_and_leave_open():
    context = {"consent": {"categoryPreferences": {"A": True, "B": False, "C": None, "D": "yes"}}}
    assert dict(segment.categories(context)) == {"A": True, "B": False, "D": False}


def test_rudderstacks_ids_are_allowed_or_denied_whatever_the_strategy():
    assert dict(rudderstack.categories(ONE_TRUST)) == {"C0001": True, "C0002": True, "C0004": False}
    both = {"consentManagement": {"allowedConsentIds": ["A"], "deniedConsentIds": ["A", 7, None]}}
    assert stated_consents({"context": both}) == {"a": False}


@pytest.mark.parametrize(
    "context",
    [
        {"consent": {"ad_storage": "denied", "analytics_storage": "granted"}},
        {"consent": {"google": {"ad_storage": "DENIED", "analytics_storage": "GRANTED", "ad_user_data": "maybe"}}},
        {"consentMode": {"ad_storage": False, "analytics_storage": True, "ad_personalization": None}},
        {"googleConsentMode": {"gcs": "G101"}},
    ],
)  # fmt: skip
def test_google_consent_mode_is_read_wherever_sites_pass_it(context):
    assert dict(google.settings(context)) == {"ad_storage": False, "analytics_storage": True}
    assert stated_consents({"context": context}) == {"ad_storage": False, "analytics_storage": True}


def test_what_google_leaves_open_says_nothing():
    assert dict(google.settings({"consent": {"gcs": "G1--", "ad_user_data": ""}})) == {}
    assert dict(google.settings({"consent": {"gcs": "G11"}, "consentMode": "granted"})) == {}


def test_a_tc_string_says_something_only_where_it_is_mapped():
    context = {"consent": {"tcString": tc_string({7})}}
    assert recorded_purposes({"context": context}) == []
    means = Meanings(
        [Meaning(Signal.TCF, "purpose_7", "analytics"), Meaning(Signal.TCF, "purpose_4", "advertising")]
    )
    mapped = with_understood(context, means)
    assert mapped["consent"] == {**context["consent"], UNDERSTOOD: {"analytics": True, "advertising": False}}
    assert sorted(recorded_purposes({"context": mapped})) == ["-advertising", "analytics"]
    assert proof({"context": mapped}) == context["consent"]["tcString"]


def test_of_several_names_that_mean_one_purpose_all_have_to_be_granted():
    means = Meanings(
        [Meaning(Signal.GOOGLE, name, "advertising") for name in ("ad_storage", "ad_user_data")]
        + [Meaning(Signal.CATEGORY, "c0004", "advertising")]
    )
    granted = {"consent": {"ad_storage": "granted", "ad_user_data": "granted"}}
    assert understood(granted, means) == {"advertising": True}
    assert understood({**granted, **ONE_TRUST}, means)["advertising"] is False
    assert understood({"consent": {"ad_storage": "granted"}}, means) == {"advertising": True}


def test_a_name_that_is_mapped_no_longer_counts_by_its_own():
    means = Meanings(
        [Meaning(Signal.CATEGORY, "c0004", "marketing"), Meaning(Signal.CATEGORY, "c0004", "advertising")]
    )
    stated = stated_consents({"context": with_understood(ONE_TRUST, means)})
    assert stated == {"c0001": True, "c0002": True, "marketing": False, "advertising": False}


def test_what_an_event_claims_was_understood_does_not_stand_where_a_source_has_meanings():
    means = Meanings([Meaning(Signal.CATEGORY, "a", "marketing")])
    claimed = {"consent": {UNDERSTOOD: {"marketing": True}, "categoryPreferences": {"a": False}}}
    assert stated_consents({"context": with_understood(claimed, means)}) == {"marketing": False}
    silent = {"consent": {UNDERSTOOD: {"marketing": True}}}
    assert stated_consents({"context": with_understood(silent, means)}) == {}


def test_the_version_of_the_text_is_told_in_any_form():
    assert text_version({"context": {"consent": {"version": "v" * 50}}}) == "v" * 40
    assert text_version({"context": ONE_TRUST}) == text_version({"context": {"consent": "yes"}}) == ""


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    context=st.dictionaries(
        st.sampled_from(["consent", "consentManagement", "consentMode", "googleConsentMode"]), _JSON
    )
)
def test_whatever_a_source_sends_nothing_fails_and_only_a_clear_yes_is_one(context):
    means = Meanings([Meaning(Signal.GOOGLE, "ad_storage", "advertising")])
    for read in (context, with_understood(context, means)):
        for name, granted in stated_consents({"context": read}).items():
            assert isinstance(name, str)
            assert isinstance(granted, bool)
        text_version({"context": read})
        proof({"context": read})
    assert (
        understood(context, means).get("advertising", False) is not True
        or "granted" in str(context).lower()
        or "True" in str(context)
        or "G1" in str(context)
    )
