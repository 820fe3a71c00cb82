"""Exporting a person from their page."""

import json

from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from compliance.access import actor_of_staff
from compliance.actors import Actor
from compliance.domain.approvals.deciding import approve
from compliance.domain.users import create_staff
from compliance.enums import Operation
from compliance.models import Approval, ApprovalPolicy, AuditEntry, Role


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def _page(jane) -> str:
    return reverse("admin:person_export", args=[jane.public_id])


def test_it_is_told_what_the_file_has_and_then_it_is_given(signed_in, jane):
    client = signed_in("administrator")
    assert _page(jane) in _text(client.get(f"/admin/people/{jane.public_id}/"))
    page = _text(client.get(_page(jane)))
    assert "and who looked" in page
    assert "Hidden for your role" not in page
    answer = client.post(_page(jane), {"why": "request  of 3 May"})
    assert answer["Content-Disposition"] == f'attachment; filename="person-{jane.public_id}.json"'
    assert "no-store" in answer["Cache-Control"]
    found = json.loads(answer.getvalue())
    assert found["counts"]["events"] == 4
    assert AuditEntry.objects.get(action="person.export").detail == {"why": "request of 3 May"}
    assert "all of this person, exported to a file" in _text(
        client.get(reverse("admin:person_access", args=[jane.public_id]))
    )


def test_what_is_hidden_from_the_role_is_said(signed_in, jane):
    role = Role.objects.get(group=Group.objects.get(name="marketer"))
    role.operations = [*role.operations, Operation.PEOPLE_EXPORT.value]
    role.save()
    client = signed_in("marketer")
    page = _text(client.get(_page(jane)))
    assert "contact data (DPO, administrator and support agent may see it)" in page
    assert "Not in the file: Who read this person" in page
    assert b"jane@example.com" not in client.post(_page(jane)).getvalue()


def test_who_may_not_is_refused_and_not_offered_it(signed_in, jane):
    client = signed_in("marketer")
    assert _page(jane) not in _text(client.get(f"/admin/people/{jane.public_id}/"))
    assert client.get(_page(jane)).status_code == 403
    assert client.post(_page(jane)).status_code == 403


def test_an_unknown_person_has_no_file(signed_in, jane):
    client = signed_in("administrator")
    address = _page(jane).replace(str(jane.public_id)[-4:], "0000")
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


def test_an_export_takes_a_second_person_where_one_is_wanted_once_and_for_this_person(signed_in, jane):
    """Attack 42: a bulk export without approval; and an approval that is used again, or for somebody else."""
    ApprovalPolicy.objects.create(kinds=["person.export"])
    client = signed_in("administrator")
    assert "An export of a person takes a second person" in _text(client.get(_page(jane)))
    assert client.post(_page(jane), {}).status_code == 302
    assert not Approval.objects.exists()  # no reason was given
    assert client.post(_page(jane), {"why": "request of 3 May"}).status_code == 302
    row = Approval.objects.get()
    assert (row.payload, row.link) == ({"profile": str(jane.public_id)}, _page(jane))
    assert not AuditEntry.objects.filter(action="person.export").exists()
    officer = create_staff(
        username="dora", password="harbour-lights-42", role="DPO", by=Actor.system("test"), now=timezone.now()
    )
    approve(row.pk, seen=row.digest, why="", by=actor_of_staff(officer), now=timezone.now())
    assert "you may make it once" in _text(client.get(_page(jane)))
    assert json.loads(client.post(_page(jane), {}).getvalue())["counts"]["events"] == 4
    assert client.post(_page(jane), {"why": "again"}).status_code == 302
    assert AuditEntry.objects.filter(action="person.exported").count() == 1
    assert Approval.objects.filter(state="waiting").count() == 1
