"""Two people: one asks on a page, another one decides on a page, the first one goes on."""

import pytest
from django.test import Client

from compliance.domain.approvals.kinds import CHOSEN, State
from compliance.domain.users import create_staff
from compliance.models import ApiToken, Approval, ApprovalPolicy, AuditEntry, Role, User
from tests.compliance.admin.test_roles import fields, role, seen
from tests.compliance.admin.test_screens import text
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
PAGE = "/admin/privacy/approvals/"


@pytest.fixture
def dora(db):
    return create_staff(username="dora", password=PASSWORD, role="DPO", by=SYSTEM, now=NOW)


@pytest.fixture
def everything_takes_two(db):
    ApprovalPolicy.objects.create(kinds=list(CHOSEN))


@pytest.fixture
def as_dora(dora):
    client = Client()
    client.force_login(dora)
    return client


def decide(client, row, do, why=""):
    return client.post(f"{PAGE}{row.pk}/decide/", {"do": do, "why": why, "seen": row.digest}, follow=True)


def test_a_change_of_a_role_is_asked_for_and_approved(as_administrator, as_dora, everything_takes_two):
    address = f"/admin/settings/roles/{role().pk}/"
    given = fields(role(), operation=["people.view"])
    looked = as_administrator.post(address, {**given, **seen(as_administrator.get(address))})
    assert "Ask for it" in text(looked)
    answer = as_administrator.post(address, {**given, **seen(looked)}, follow=True)
    assert "say why it is needed" in text(answer)
    looked = as_administrator.post(address, {**given, **seen(as_administrator.get(address))})
    answer = as_administrator.post(address, {**given, **seen(looked), "why": "nobody searches"}, follow=True)
    assert "Asked: who approves is told" in text(answer)
    assert "people.search" in role().operations
    row = Approval.objects.get()
    assert "1 waits for you to decide" in text(as_dora.get(PAGE))
    shown = text(as_dora.get(f"{PAGE}{row.pk}/"))
    assert "nobody searches" in shown
    assert "Search for people" in shown
    assert "Approved, and done." in text(decide(as_dora, row, "approve"))
    assert role().operations == ["people.view"]


def test_who_asked_has_no_buttons_to_decide_and_can_withdraw(as_administrator, everything_takes_two):
    as_administrator.post("/admin/privacy/audit/export/", {"form": "csv", "why": "for the auditor"})
    row = Approval.objects.get()
    shown = text(as_administrator.get(f"{PAGE}{row.pk}/"))
    assert "somebody else has to decide" in shown
    assert 'value="approve"' not in shown
    assert "You asked for this yourself" in text(decide(as_administrator, row, "approve"))
    as_administrator.post(f"{PAGE}{row.pk}/withdraw/")
    assert Approval.objects.get().state == State.WITHDRAWN


def test_an_export_of_the_trail_is_downloaded_once(as_administrator, as_dora, everything_takes_two):
    answer = as_administrator.post(
        "/admin/privacy/audit/export/?by=ada", {"form": "jsonl", "why": "for the auditor"}
    )
    row = Approval.objects.get()
    assert answer["Location"] == f"{PAGE}{row.pk}/"
    assert not AuditEntry.objects.filter(action="audit.export").exists()
    assert "you may do it once" not in text(as_administrator.get(f"{PAGE}{row.pk}/"))
    decide(as_dora, row, "approve")
    assert as_dora.post(f"{PAGE}{row.pk}/use/").status_code == 302  # not who asked
    file = as_administrator.post(f"{PAGE}{row.pk}/use/")
    assert b'"actor":"ada"' in b"".join(file.streaming_content)
    again = as_administrator.post(f"{PAGE}{row.pk}/use/", follow=True)
    assert "takes a second person" in text(again)
    assert AuditEntry.objects.filter(action="audit.export").count() == 1


def test_a_person_who_is_searched_for_stands_in_no_request(as_administrator, as_dora, everything_takes_two):
    found = as_administrator.post("/admin/privacy/audit/", {"person": "email:jane@example.com"})["Location"]
    query = found.partition("?")[2]
    as_administrator.post(f"/admin/privacy/audit/export/?{query}", {"form": "csv", "why": "asked"})
    row = Approval.objects.get()
    assert "jane" not in str(row.payload) + row.target
    assert len(row.payload["subjects"]) == 1


def test_a_token_is_made_by_who_asked(as_administrator, as_dora, everything_takes_two):
    form = {
        "name": "Desk",
        "scope": ["people.view"],
        "form-identity": "clear",
        "days": "30",
        "why": "the desk",
    }
    as_administrator.post("/admin/settings/tokens/new/", form)
    row = Approval.objects.get()
    assert not ApiToken.objects.exists()
    decide(as_dora, row, "approve")
    assert "hw_" in text(as_administrator.post(f"{PAGE}{row.pk}/use/"))
    assert ApiToken.objects.get().categories == ["identity"]


def test_a_user_is_made_without_a_role_until_somebody_approves(
    as_administrator, as_dora, everything_takes_two
):
    form = {"username": "olga", "password": PASSWORD, "role": "marketer", "why": "she joins us"}
    as_administrator.post("/admin/settings/users/new/", form)
    assert not User.objects.get(username="olga").roles
    decide(as_dora, Approval.objects.get(), "approve")
    assert [str(each) for each in User.objects.get(username="olga").roles] == ["marketer"]


def test_what_is_refused_says_why(as_administrator, as_dora, marketer, everything_takes_two):
    as_administrator.post(
        f"/admin/settings/users/{marketer.pk}/roles/", {"role": ["administrator"], "why": "please"}
    )
    row = Approval.objects.get()
    assert "Say why" in text(decide(as_dora, row, "refuse"))
    decide(as_dora, row, "refuse", "she needs less")
    assert "she needs less" in text(as_administrator.get(f"{PAGE}{row.pk}/"))
    assert [str(each) for each in User.objects.get(pk=marketer.pk).roles] == ["marketer"]


def test_what_takes_a_second_person_is_chosen_on_a_page(as_administrator, as_dora):
    as_administrator.post(f"{PAGE}settings/", {"kind": ["person.export", "role.change"]})
    assert ApprovalPolicy.objects.get().kinds == ["person.export", "role.change"]
    as_administrator.post(f"{PAGE}settings/", {"kind": [], "why": "no more"})
    assert ApprovalPolicy.objects.get().kinds == ["person.export", "role.change"]
    decide(as_dora, Approval.objects.get(), "approve")
    assert ApprovalPolicy.objects.get().kinds == []


def test_a_marketer_sees_none_of_others(as_marketer, administrator, everything_takes_two):
    row = Approval.objects.create(
        kind="role.change", payload={}, digest="x", target="t", why="w", asker="staff:ada", asked_by="ada", behind="ada",
        asked_at=NOW, expires_at=NOW,
    )  # fmt: skip
    assert as_marketer.get(f"{PAGE}{row.pk}/").status_code == 404
    assert "Nobody has asked" in text(as_marketer.get(PAGE))
    assert as_marketer.get(f"{PAGE}settings/").status_code == 403
    assert as_marketer.post(f"{PAGE}{row.pk}/decide/", {"do": "approve"}).status_code == 403
    assert Role.objects.count() == 8
