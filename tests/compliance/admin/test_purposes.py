"""Purposes on their pages."""

import pytest
from django.urls import reverse

from compliance.domain.purposes import purpose_of
from compliance.models import AuditEntry, Purpose, PurposeText

LIST, ONE = reverse("admin:purposes"), reverse("admin:purpose", args=["marketing"])
pytestmark = pytest.mark.django_db


def page(answer) -> str:
    return " ".join(answer.content.decode().split())


def changed(client, **fields):
    given = {
        "name": "Send marketing",
        "description": "",
        "legal_basis": "consent",
        "aliases": "Marketing",
        **fields,
    }
    return client.post(ONE, given, follow=True)


def test_all_are_listed_with_their_basis(as_administrator):
    shown = page(as_administrator.get(LIST))
    assert "Send marketing" in shown
    assert "Contract" in shown
    assert "always heard" in shown
    assert "no right to object" in shown


def test_consent_is_needed_as_the_basis_says_and_the_change_is_told(as_administrator, administrator):
    shown = page(changed(as_administrator, legal_basis="legitimate_interests", aliases="Marketing\nC0009\n"))
    row = Purpose.objects.get(key="marketing")
    assert (row.legal_basis, row.needs_consent, row.aliases) == (
        "legitimate_interests", False, ["Marketing", "C0009"],
    )  # fmt: skip
    assert "Legal basis: consent → legitimate interests" in shown
    assert administrator.username in shown
    assert AuditEntry.objects.get(action="purpose.change").target == "purpose:marketing"
    changed(as_administrator, legal_basis="consent")
    assert Purpose.objects.get(key="marketing").needs_consent


def test_what_is_as_it_was_changes_nothing(as_administrator):
    row = purpose_of("analytics")
    given = {
        "name": row.name,
        "description": row.description,
        "legal_basis": row.legal_basis,
        "aliases": "\n".join(row.aliases),
    }
    as_administrator.post(reverse("admin:purpose", args=["analytics"]), given)
    assert not AuditEntry.objects.filter(action="purpose.change").exists()


def test_another_purpose_is_made_once(as_administrator):
    given = {"key": "surveys", "name": "Ask how it was", "legal_basis": "legitimate_interests"}
    as_administrator.post(reverse("admin:purpose_new"), given)
    assert Purpose.objects.get(key="surveys").needs_consent is False
    again = as_administrator.post(reverse("admin:purpose_new"), given)
    assert (again.status_code, "of this key already" in page(again)) == (400, True)
    wrong = as_administrator.post(reverse("admin:purpose_new"), {**given, "key": "Über uns"})
    assert "lower-case letters" in page(wrong)


def test_a_text_is_kept_and_never_changed(as_administrator):
    where = reverse("admin:purpose_text", args=["marketing"])
    first = {"version": "1", "text": "May we <write>?", "since": "2026-03-01"}
    shown = page(as_administrator.post(where, first, follow=True))
    assert "May we &lt;write&gt;?" in shown
    again = as_administrator.post(where, {**first, "text": "Other"})
    assert (again.status_code, "never changed" in page(again)) == (400, True)
    assert PurposeText.objects.get().text == "May we <write>?"
    assert as_administrator.post(where, {"version": "2", "text": "x", "since": "soon"}).status_code == 400


def test_who_may_not_change_purposes_is_refused(as_marketer):
    assert as_marketer.get(LIST).status_code == 403
    assert changed(as_marketer, legal_basis="contract").status_code == 403
    assert Purpose.objects.get(key="marketing").legal_basis == "consent"


def test_a_purpose_that_there_is_not_is_not_found(as_administrator):
    assert as_administrator.get(reverse("admin:purpose", args=["spying"])).status_code == 404


def test_what_a_process_of_the_release_before_made_needs_no_consent():
    row = Purpose.objects.create(key="old", name="Old", needs_consent=False)
    assert row.basis.value == "legitimate_interests"
