"""The page of the audit trail: who accessed what of a person, what somebody saw, and the file of it."""

from hashlib import sha256
from uuid import uuid4

import pytest

from compliance.actors import Actor
from compliance.audit import record_read
from compliance.enums import ActorKind, Category
from compliance.models import AuditEntry

pytestmark = pytest.mark.django_db
PAGE = "/admin/privacy/audit/"
MIA = Actor(ActorKind.STAFF, "mia", purpose="marketing")


def test_a_person_is_looked_for_and_never_stands_in_the_address(as_administrator):
    person = str(uuid4())
    record_read(MIA, action="person.graph", subjects=[person])
    record_read(MIA, action="person.read", subjects=[uuid4()])
    answer = as_administrator.post(f"{PAGE}?by=mia", {"person": f" {person} "})
    assert answer.status_code == 302
    assert person not in answer.url
    page = as_administrator.get(answer.url)
    told = page.content.decode()
    assert "saw the identity graph of a person" in told
    assert "saw the profile of a person" not in told
    assert page.context["search"].by == "mia"


def test_filters_by_data_purpose_and_day(as_administrator):
    record_read(MIA, action="person.graph", categories=[Category.CONTACT])
    for query, count in (
        ("category=contact", 1), ("category=special", 0), ("category=nonsense&by=mia", 1), ("purpose=marketing", 1),
        ("since=2999-01-01", 0), ("until=2000-01-01", 0), ("since=nonsense&by=mia", 1), ("since=0001-01-01&until=9999-12-31&by=mia", 1),
    ):  # fmt: skip
        assert len(as_administrator.get(f"{PAGE}?{query}").context["rows"]) == count, query


def test_a_name_leads_to_what_that_person_did(as_administrator):
    record_read(MIA, action="person.graph")
    assert (
        'href="?action=person&amp;by=mia"' in as_administrator.get(f"{PAGE}?action=person").content.decode()
    )


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_shown_is_exported_with_its_hash(as_administrator, form):
    record_read(MIA, action="person.graph")
    record_read(MIA, action="token.create")
    answer = as_administrator.post(f"{PAGE}export/?action=person", {"form": form})
    content = b"".join(answer.streaming_content)
    assert b"mia saw the identity graph of a person" in content
    assert b"token.create" not in content
    assert answer.headers["X-Content-SHA256"] == sha256(content).hexdigest()
    assert AuditEntry.objects.get(action="audit.export").detail["sha256"] == sha256(content).hexdigest()
    answer.close()


def test_no_file_is_given_by_a_look_or_to_others(as_administrator, client, marketer):
    assert as_administrator.get(f"{PAGE}export/").status_code == 405
    assert as_administrator.post(f"{PAGE}export/", {"form": "xml"}).status_code == 302
    client.force_login(marketer)
    assert client.post(f"{PAGE}export/", {"form": "csv"}).status_code == 403
    assert client.post(PAGE, {"person": "x"}).status_code in (302, 403)
    assert not AuditEntry.objects.filter(action="audit.export").exists()
