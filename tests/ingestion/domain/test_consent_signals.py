"""What consent signals mean in the events of a source: decided, proposed, tried, and written into its events."""

import orjson
import pytest
from django.utils import timezone

from compliance.access import AccessDenied, Actor
from compliance.consent import recorded_purposes, stated_consents
from compliance.models import AuditEntry, Purpose
from compliance.signals import Meaning, Signal
from ingestion.domain.consent_signals import (
    MOST,
    SignalsError,
    attempt,
    decide,
    meanings_of,
    open_purposes,
    proposed,
)
from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.sources import create_source, set_purpose
from tests.compliance.signals.strings import tc_string

pytestmark = pytest.mark.django_db
BY = Actor.system("test")
ADS = Meaning(Signal.TCF, "purpose_4", "advertising")
COUNTS = Meaning(Signal.GOOGLE, "analytics_storage", "analytics")
NEWS = Meaning(Signal.CATEGORY, "Newsletter & Co", "marketing")


@pytest.fixture
def source():
    return create_source(name="Web shop", by=BY, now=timezone.now(), write_key="WRITEKEY1")


def accepted(source, context):
    rules = load_rules().get(source.pk)
    envelope = Envelope(source_id=source.pk, received_at=timezone.now(), rules=rules)
    return accept_item({"type": "track", "event": "Seen", "userId": "u", "context": context}, envelope)


def test_events_of_the_source_say_what_its_signals_mean(source):
    decide(source, [ADS, COUNTS, NEWS], by=BY)
    text = tc_string({1})
    event = accepted(source, {
        "consent": {"tcString": text, "analytics_storage": "granted", "categoryPreferences": {"newsletter & CO": True, "C0003": False}},
    })  # fmt: skip
    assert stated_consents(event) == {
        "advertising": False, "analytics": True, "marketing": True, "c0003": False,
    }  # fmt: skip
    assert event["context"]["consent"]["tcString"] == text
    other = create_source(name="App", by=BY, now=timezone.now(), write_key="WRITEKEY2")
    assert recorded_purposes(accepted(other, {"consent": {"tcString": text}})) == []


def test_decided_again_only_the_new_holds_and_it_is_recorded(source):
    decide(source, [ADS, COUNTS], by=BY)
    decide(source, [NEWS], by=BY)
    assert meanings_of(source) == [NEWS._replace(name="newsletter_co")]
    row = AuditEntry.objects.filter(action="source.consent_signals").latest("id")
    assert (row.target, row.detail) == (f"source:{source.pk}", {"meanings": 1})
    decide(source, [], by=BY)
    assert meanings_of(source) == []
    assert load_rules() == {}


def test_a_refusal_in_any_form_is_heard_by_a_source_that_collects_for_the_purpose(source):
    decide(source, [ADS, COUNTS], by=BY)
    set_purpose(source=source, purpose="advertising", by=BY)
    text = tc_string({1})
    left = accepted(
        source, {"consent": {"tcString": text, "version": "3", "x": "secret"}, "page": {"path": "/p"}}
    )
    assert left["withheld"]
    assert left["context"] == {
        "consent": {"version": "3", "tcString": text, "understood": {"advertising": False}}
    }
    ids = {"consentManagement": {"deniedConsentIds": ["C0004"], "allowedConsentIds": []}}
    assert accepted(source, ids)["context"] == {"consent": {"understood": {"c0004": False}}}
    assert "withheld" not in accepted(source, {"consent": {"tcString": tc_string({4})}})


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ([Meaning(Signal.GOOGLE, "ad_magic", "advertising")], "there is no 'ad_magic'"),
        ([Meaning(Signal.TCF, "interest_3", "advertising")], "there is no 'interest_3'"),
        ([Meaning(Signal.CATEGORY, "!!", "advertising")], "a category has a name"),
        ([Meaning(Signal.CATEGORY, "a", "spying")], "nobody is asked for the purpose 'spying'"),
        ([Meaning(Signal.CATEGORY, "a", "service")], "nobody is asked for the purpose 'service'"),
        ([Meaning(Signal.CATEGORY, f"c{n}", "marketing") for n in range(MOST + 1)], "at most 200"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(source, wanted, says):
    with pytest.raises(SignalsError, match=says):
        decide(source, wanted, by=BY)
    assert meanings_of(source) == []


def test_who_may_not_manage_sources_decides_nothing(source):
    with pytest.raises(AccessDenied):
        decide(source, [ADS], by=Actor(BY.kind, "nobody"))


def test_proposals_are_of_purposes_that_need_consent_and_can_be_kept(source):
    found = proposed()
    assert {(each.name, each.purpose) for each in found} >= {
        ("ad_storage", "advertising"), ("analytics_storage", "analytics"), ("purpose_5", "personalisation"),
    }  # fmt: skip
    assert {each.purpose for each in found} <= {each.key for each in open_purposes()}
    assert "service" not in {each.purpose for each in found}
    decide(source, found, by=BY)
    Purpose.objects.filter(key="analytics").update(needs_consent=False, legal_basis="legitimate_interests")
    assert "analytics" not in {each.purpose for each in proposed()}


def test_an_example_tells_what_it_would_declare_and_what_it_says_in_vain(source):
    example = {"context": {"consent": {
        "tcString": tc_string({4}), "analytics_storage": "denied", "security_storage": "granted",
        "categoryPreferences": {"C0002": True, "Else": True},
    }}}  # fmt: skip
    tried = attempt([ADS, COUNTS], orjson.dumps(example).decode())
    assert tried.declared == {"advertising": True, "analytics": False}
    assert {"security_storage", "else", "purpose_1"} <= set(tried.ignored)
    assert "c0002" not in tried.ignored
    assert not tried.is_unreadable
    assert attempt([ADS], '{"consent": {"tcString": "rubbish"}}').is_unreadable
    for wrong in ("{", "[1]", '{"context": 1}', '"' + "x" * 20_001 + '"'):
        with pytest.raises(SignalsError):
            attempt([ADS], wrong)
    assert meanings_of(source) == []
