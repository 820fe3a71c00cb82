"""The audit trail by programs."""

from hashlib import sha256
from uuid import uuid4

import pytest
from django.utils import timezone

from compliance.actors import Actor
from compliance.audit import record_read
from compliance.domain.approvals.deciding import approve
from compliance.enums import ActorKind, Category, Operation
from compliance.models import Approval, ApprovalPolicy, AuditEntry
from tests.rest import client_with  # noqa: F401 -- fixtures

AUDIT = "/api/v1/audit/"
MIA = Actor(ActorKind.STAFF, "mia", address="10.0.0.7", purpose="marketing")


@pytest.fixture
def api(client_with, fresh_database):  # noqa: F811
    del fresh_database
    client = client_with("audit.view")
    for number in range(5):
        record_read(MIA, action="person.read", categories=[Category.CONTACT], detail={"results": number})
    return client


def _post(client, path: str, body: object):
    return client.post(f"{AUDIT}{path}", body, content_type="application/json")


def test_rows_are_listed_as_sentences_page_by_page(api):
    page = api.get(AUDIT, {"page_size": 3, "action": "person", "by": "mia"}).json()
    assert [row["detail"]["results"] for row in page["results"]] == [4, 3, 2]
    assert page["results"][0]["told"] == "mia saw the profile of a person (4 found)"
    assert page["results"][0]["purpose"] == "marketing"
    following = api.get(page["next"]).json()
    assert [row["detail"]["results"] for row in following["results"]] == [1, 0]
    assert following["next"] is None
    assert AuditEntry.objects.filter(action="audit.read", actor="test").count() == 2


def test_filters(api):
    assert api.get(AUDIT, {"category": "special"}).json()["results"] == []
    assert len(api.get(AUDIT, {"purpose": "marketing"}).json()["results"]) == 5
    assert api.get(AUDIT, {"since": "2999-01-01T00:00:00Z"}).json()["results"] == []
    assert len(api.get(AUDIT, {"until": "2999-01-01T00:00:00Z", "by": "mia"}).json()["results"]) == 5


@pytest.mark.parametrize(
    "query",
    [{"category": "secrets"}, {"since": "soon"}, {"since": "0001-01-01T00:00:00Z"}, {"until": "9999-12-31T23:59:59Z"}, {"since": "2026-13-45T00:00:00Z"}, {"by": "x" * 151}, {"person": "email:j@x.org"}, {"cursor": "0"}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_not_repeated(api, query):
    answer = api.get(AUDIT, query)
    assert answer.status_code == 400
    assert "j@x.org" not in answer.content.decode()


def test_a_person_is_looked_for_in_the_body(api):
    person = uuid4()
    for _ in range(3):
        record_read(MIA, action="person.graph", subjects=[person])
    first = _post(api, "search/", {"person": str(person), "page_size": 2}).json()
    assert [row["action"] for row in first["results"]] == ["person.graph"] * 2
    rest = _post(
        api,
        "search/",
        {"person": str(person), "page_size": 2, "action": "person.graph", "before": first["next"]},
    ).json()
    assert (len(rest["results"]), rest["next"]) == (1, None)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"page_size": 501},
        {"before": True},
        {"person": 7},
        {"nothing": 1},
        {"person": "a\0"},
        {"category": "x"},
    ],
)
def test_bodies_that_cannot_be_read_are_refused(api, body):
    assert _post(api, "search/", body).status_code == 400


def test_a_file_has_its_hash_and_is_kept(api):
    answer = _post(api, "export/", {"form": "csv", "action": "person"})
    content = b"".join(answer.streaming_content)
    answer.close()
    assert answer.headers["X-Content-SHA256"] == sha256(content).hexdigest()
    assert answer.headers["X-Rows"] == "5"
    assert sha256(content).hexdigest()[:12] in answer.headers["Content-Disposition"]
    assert AuditEntry.objects.get(action="audit.export").detail["rows"] == 5
    assert _post(api, "export/", {"form": "xml"}).status_code == 400
    assert _post(api, "export/", {"form": "csv", "why": "a\0b"}).status_code == 400


def test_other_tokens_are_refused(client_with, fresh_database):  # noqa: F811
    other = client_with("people.view")
    assert other.get(AUDIT).status_code == 403
    assert _post(other, "search/", {}).status_code == 403
    assert _post(other, "export/", {"form": "csv"}).status_code == 403


def test_an_export_takes_a_second_person_where_one_is_wanted(api, client_with):  # noqa: F811
    ApprovalPolicy.objects.create(kinds=["audit.export"])
    wanted = {"form": "jsonl", "action": "person"}
    assert _post(api, "export/", wanted).status_code == 403
    answer = _post(api, "export/", {**wanted, "why": "the monthly file"})
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    address = answer.json()["url"].removeprefix("http://testserver")
    assert _post(api, "export/", {**wanted, "why": "the monthly file"}).json()["url"] == answer.json()["url"]
    row = Approval.objects.get()
    by = Actor(ActorKind.STAFF, "dora", frozenset({Operation.APPROVALS_DECIDE}))
    approve(row.pk, seen=row.digest, why="", by=by, now=timezone.now())
    assert api.get(address).json()["state"] == "approved"
    assert _post(api, "export/", {"form": "jsonl", "action": "people", "why": "x"}).status_code == 202
    assert len(_post(api, "export/", wanted).getvalue().splitlines()) == 5
    assert _post(api, "export/", wanted).status_code == 403
    assert api.get(address).json()["state"] == "done"
    assert api.get("/api/v1/approvals/999999/").status_code == 404
