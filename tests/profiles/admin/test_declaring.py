"""Recording on a person's page what they declare, and the history that it shows."""

import pytest
from django.urls import reverse

from compliance.domain.purposes import add_text
from compliance.enums import LegalBasis
from compliance.gate import may_use
from compliance.models import AuditEntry, Purpose, User
from profiles.models import Declaration
from tests.profiles.api.test_consents import says
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL, person_of


@pytest.fixture
def jo(builder):
    builder.send(says(1, user_id="jo", granted={"Marketing": True}))
    return person_of("user_id", "jo").public_id


def tab(client, jo) -> str:
    answer = client.get(reverse("admin:person_panel", args=[jo, "consents"]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def say(client, jo, what: str, **more) -> str:
    answer = client.post(reverse("admin:person_declare", args=[jo]), {"say": what, **more}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("admin:person_panel", args=[jo, "consents"])
    return " ".join(answer.content.decode().split())


def test_withdrawing_is_one_button_and_counts_at_once(signed_in, jo):
    client = signed_in("administrator")
    assert may_use("marketing", [jo]) == {jo}
    assert 'value="withdraw" aria-label="Withdraw: Send marketing"' in tab(client, jo)
    page = say(client, jo, "withdraw", purpose="marketing")
    assert "they refuse" in page
    assert "Refused · marketing" in page
    assert may_use("marketing", [jo]) == frozenset()


def test_consent_is_recorded_with_its_text_and_proof(signed_in, jo):
    add_text("advertising", version="2026-1", text="May we?", since=START.date(), by=ALL)
    client = signed_in("administrator")
    assert "<option>2026-1</option>" in tab(client, jo)
    page = say(client, jo, "give", purpose="advertising", text_version="2026-1", proof="form 7")
    assert "Granted · advertising" in page
    assert "form 7" in page
    row = Declaration.objects.get()
    assert (row.origin, row.by, row.text_version) == ("staff", User.objects.get().username, "2026-1")
    assert may_use("advertising", [jo]) == {jo}
    assert "Nothing was recorded" in say(client, jo, "give", purpose="advertising", text_version="9")


def test_objection_and_restriction_are_shown_and_lifted(signed_in, jo):
    client = signed_in("administrator")
    assert "They object" in say(client, jo, "object", purpose="marketing")
    assert "They object to every use" in say(client, jo, "object", reason="a letter")
    assert "Lifted" in say(client, jo, "lift_objection")
    assert "Lifted" in say(client, jo, "lift_objection", purpose="marketing")
    assert "say why" in say(client, jo, "restrict", reason=" ")
    assert "Processing is restricted" in say(client, jo, "restrict", reason="disputed")
    assert may_use("service", [jo]) == frozenset()
    say(client, jo, "lift_restriction", reason="settled")
    assert may_use("service", [jo]) == {jo}
    assert "Nothing was recorded" in say(client, jo, "object", purpose="service")
    assert "choose what they say" in say(client, jo, "spy")
    assert AuditEntry.objects.filter(action="restriction.set").count() == 1


def test_only_what_the_basis_of_a_purpose_allows_is_offered(signed_in, jo):
    Purpose.objects.filter(key="analytics").update(
        legal_basis=LegalBasis.LEGITIMATE_INTERESTS.value, needs_consent=False
    )
    Purpose.objects.filter(key="personalisation").update(objection_is_absolute=False)
    page = tab(signed_in("administrator"), jo)
    offered = {
        each: {
            word for word in ("Withdraw", "Refuse", "Record consent", "Object") if f"{word}: {each}" in page
        }
        for each in ("Provide the service", "Understand use", "Personalise", "Send marketing")
    }
    assert offered == {
        "Provide the service": set(),
        "Understand use": {"Object"},
        "Personalise": {"Refuse", "Record consent"},
        "Send marketing": {"Withdraw", "Object"},
    }
    assert "there is no right to object. Processing as a whole can be restricted" in page


def test_an_objection_from_before_the_basis_was_changed_can_be_lifted(signed_in, jo):
    client = signed_in("administrator")
    say(client, jo, "object", purpose="marketing")
    Purpose.objects.filter(key="marketing").update(
        legal_basis=LegalBasis.CONTRACT.value, needs_consent=False, objection_is_absolute=False
    )
    assert 'value="lift_objection" aria-label="Lift the objection: Send marketing"' in tab(client, jo)
    assert "Lifted" in say(client, jo, "lift_objection", purpose="marketing")


@pytest.mark.parametrize("basis", [LegalBasis.CONTRACT, LegalBasis.LEGITIMATE_INTERESTS])
def test_a_refusal_from_before_the_basis_was_changed_can_be_taken_back(signed_in, jo, basis):
    client = signed_in("administrator")
    say(client, jo, "withdraw", purpose="marketing")
    rests_on(basis)
    assert may_use("marketing", [jo]) == frozenset(), "another basis does not lift it"
    assert 'aria-label="Take back the refusal: Send marketing"' in tab(client, jo)
    assert "they no longer refuse" in say(client, jo, "take_back", purpose="marketing", proof="call of 3 May")
    assert may_use("marketing", [jo]) == {jo}
    page = tab(client, jo)
    assert "Granted · marketing" in page
    assert "call of 3 May" in page
    assert "Take back the refusal" not in page
    assert AuditEntry.objects.filter(action="consent.give", target="purpose:marketing").count() == 1
    assert "Nothing was recorded" in say(client, jo, "withdraw", purpose="marketing")


def test_without_a_refusal_nothing_is_given_to_what_needs_no_consent(signed_in, jo):
    client = signed_in("administrator")
    rests_on(LegalBasis.CONTRACT)
    assert "Take back the refusal" not in tab(client, jo)
    assert "nobody is asked for consent" in say(client, jo, "take_back", purpose="marketing")
    assert not Declaration.objects.exists()


def rests_on(basis: LegalBasis) -> None:
    Purpose.objects.filter(key="marketing").update(legal_basis=basis.value, needs_consent=False)


def test_who_may_not_record_is_offered_and_allowed_nothing(signed_in, jo):
    client = signed_in("marketer")
    page = tab(client, jo)
    assert "person_declare" not in page
    assert "declare/" not in page
    answer = client.post(
        reverse("admin:person_declare", args=[jo]), {"say": "withdraw", "purpose": "marketing"}
    )
    assert answer.status_code == 403
    assert may_use("marketing", [jo]) == {jo}
