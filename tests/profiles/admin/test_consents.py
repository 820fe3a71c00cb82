"""What a person consents to: the lights in the head of each tab, and the tab that tells who said it."""

import pytest
from django.urls import reverse

from compliance.access import Actor
from compliance.enums import ActorKind, Operation
from compliance.models import AuditEntry
from profiles.domain.queries import consent_states as consent_states_module
from profiles.domain.queries.consent_states import Stance, consent_states
from profiles.domain.queries.consents import consents
from tests.plans import tables_read_whole
from tests.profiles.api.test_consents import says
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, person_of


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def person(builder):
    """Somebody who granted marketing on the site, and refused it on a phone that turned out to be theirs."""
    builder.send(
        says(1, anonymous_id="a", granted={"Marketing": False, "C0002": True, "<b>Own": True}),
        says(2, user_id="u", granted={"marketing": True}),
        event("identify", 3, anonymous_id="a", user_id="u"),
    )
    return person_of("user_id", "u")


def test_lights_tell_in_words_what_is_granted_refused_and_unknown_on_every_tab(signed_in, person):
    client = signed_in("administrator")
    for where in ("person", "person_why", "person_merges", "person_access"):
        page = _text(client.get(reverse(f"admin:{where}", args=[person.public_id])))
        assert "Send marketing <b>refused</b>" in page
        assert "Understand use <b>granted</b>" in page  # by the name that the consent tool has for it
        assert "Advertise <b>unknown</b>" in page
        assert "Provide the service <b>" not in page  # needs no consent, and nobody spoke of it


def test_the_tab_tells_what_counts_when_it_was_said_and_what_else_was(signed_in, person):
    client = signed_in("administrator")
    page = _text(client.get(reverse("admin:person_panel", args=[person.public_id, "consents"])))
    marketing = page.split("Send marketing</strong>")[1].split("</tr>")[0]
    assert "<b>Refused</b>" in marketing
    assert "2026-03-01T12:01:00" in marketing.split("<details>")[0]
    assert "2 statements" in marketing
    assert "Granted" in marketing
    assert "2026-03-01T12:02:00" in marketing
    assert "not a purpose of this installation" in page
    trail = _text(client.get(reverse("admin:person_access", args=[person.public_id])))
    assert "the history of consents" in trail
    assert "the consents" in trail


def test_the_tab_reads_consents_once_and_says_when_there_is_more(signed_in, builder, monkeypatch):
    monkeypatch.setattr(consent_states_module, "MOST_OTHERS", 2)
    monkeypatch.setattr(consent_states_module, "STATEMENTS", 1)
    builder.send(
        says(1, anonymous_id="a", granted={"Marketing": False, "One": True, "Two": True, "Three": True}),
        says(2, user_id="u", granted={"marketing": True}),
        event("identify", 3, anonymous_id="a", user_id="u"),
    )
    shown = consent_states_module.consents_in_full(ALL, person_of("user_id", "u").public_id)
    marketing = next(each for each in shown.states if each.key == "marketing")
    assert (marketing.stance, len(marketing.said), shown.has_more) == (Stance.REFUSED, 1, True)
    assert sum(not each.is_known for each in shown.states) == 2
    before = AuditEntry.objects.filter(action="person.consents").count()
    address = reverse("admin:person_panel", args=[person_of("user_id", "u").public_id, "consents"])
    assert "speak of further purposes" in _text(signed_in("administrator").get(address))
    assert AuditEntry.objects.filter(action="person.consents").count() == before + 1


def test_the_consents_of_others_are_not_read(person):
    with tables_read_whole(joining=True, of="profiles_consent") as whole:
        assert len(consent_states_module.consents_in_full(ALL, person.public_id).states) > 1
        assert consents(ALL, person.public_id).items
    assert "profiles_consent" not in whole


def test_who_may_not_see_behaviour_is_not_told_what_was_said(person):
    clerk = Actor(ActorKind.STAFF, "clerk", frozenset({Operation.PEOPLE_VIEW}), frozenset())
    stances = {each.key: each.stance for each in consent_states(clerk, person.public_id)}
    assert stances["marketing"] is Stance.HIDDEN
    assert stances["advertising"] is Stance.UNKNOWN
    assert all(each.decided_by is None for each in consent_states(clerk, person.public_id))
