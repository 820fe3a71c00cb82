"""The trail is searched by person, by who acted, by what, for what and when, in bounded pages; and keeps each search."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from compliance import subjects
from compliance.access import AccessDenied
from compliance.actors import NOBODY, Actor
from compliance.audit import record_read
from compliance.domain.trail import rows
from compliance.domain.trail.rows import Wanted
from compliance.domain.trail.searching import Search, search_trail
from compliance.enums import ActorKind, Category
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry
from compliance.sealing.sealer import seal
from tests.compliance.conftest import SYSTEM

pytestmark = pytest.mark.django_db
MIA = Actor(ActorKind.STAFF, "mia", purpose="marketing")


@pytest.fixture(autouse=True)
def _nobody_is_known(monkeypatch):
    monkeypatch.setattr(subjects, "_finders", [])


def found(*, before=None, limit=50, **criteria):
    return search_trail(SYSTEM, Search(**criteria), before=before, limit=limit)


def numbers(**criteria) -> list[int]:
    return [row.detail["number"] for row in found(**criteria).rows if "number" in row.detail]


@pytest.fixture(params=["no row", "some rows", "all rows"])
def trail(request):
    """Nine rows of two readers and three actions, as many of them sealed."""
    for number in range(3):
        for actor, action, category in (
            (SYSTEM, "token.create", Category.IDENTITY),
            (MIA, "token.revoke", Category.CONTACT),
            (SYSTEM, "person.read", Category.CONTACT),
        ):
            record_read(actor, action=action, categories=[category], detail={"number": number})
            if request.param == "all rows" or (request.param == "some rows" and number == 1):
                seal()


def test_by_how_an_action_begins_by_whom_and_before_which_row(trail):
    tokens = found(action="token").rows
    assert [row.action for row in tokens] == ["token.revoke", "token.create"] * 3
    assert found(action="token", limit=2).rows == tokens[:2]
    assert found(action="token", limit=2).next == tokens[1].id
    assert found(action="token", before=tokens[1].id).rows == tokens[2:]
    assert found(action="token", by="mia").rows == tokens[::2]
    assert numbers(by="mia") == [2, 1, 0]
    assert found(action="token.c").rows == tokens[1::2]
    assert found(action="nothing").rows == []
    assert found(action="nothing").next is None


_MANY = """
INSERT INTO compliance_auditentry
    (actor_kind, actor, address, action, target, subjects, categories, purpose, detail, sealed_seq, sealed_hash)
SELECT 'staff', 'member ' || n % 50, '', 'action.' || n % 40, '', ARRAY[gen_random_uuid()], '{}', '', '{}', n, '\\x00'
FROM generate_series(1, 3000) AS n
"""


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(by="member 7"), "compliance_audit_of_actor"),
        (Wanted(action="action.7"), "compliance_audit_of_action"),
        (Wanted(subjects=(UUID(int=7),)), "compliance_audit_of_subject"),
    ],
    ids=["by", "action", "subjects"],
)
def test_rows_are_found_by_indexes(wanted, index):
    with connection.cursor() as cursor:
        cursor.execute(_MANY)
        cursor.execute("ANALYZE compliance_auditentry; SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {rows._looked(wanted, None)}", rows._parameters(wanted, before=None, least=0)
        )
        plan = "".join(line for (line,) in cursor.fetchall())
    assert index in plan, "those that are sealed"
    assert "compliance_audit_unsealed" in plan


def test_by_category_and_purpose(trail):
    assert {row.action for row in found(category="contact").rows} == {"token.revoke", "person.read"}
    assert {row.action for row in found(category="contact", action="token").rows} == {"token.revoke"}
    assert {row.actor for row in found(purpose="marketing").rows} == {"mia"}
    assert found(category="special").rows == []


def test_by_time(trail):
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE compliance_auditentry SET at = %s - ((SELECT max(id) + 1 FROM compliance_auditentry) - id)"
            " * interval '1 day'",
            [now],
        )
        cursor.execute("SELECT id, at FROM compliance_auditentry ORDER BY id")
        known = cursor.fetchall()
    since, until = known[2][1], known[5][1]
    wanted = [row_id for row_id, at in known if since <= at < until]
    assert wanted
    assert [row.id for row in found(since=since, until=until).rows] == wanted[::-1]
    assert [row.id for row in found(since=since, until=until, before=wanted[-1]).rows] == wanted[-2::-1]
    assert found(since=now + timedelta(days=1)).rows == []
    assert [row.id for row in found(until=since).rows] == [each for each, at in known if at < since][::-1]


def test_what_no_index_finds_is_looked_for_step_by_step(trail, monkeypatch):
    monkeypatch.setattr(rows, "STEP", 2)
    assert numbers(purpose="marketing") == [2, 1, 0]
    assert found(category="special").next is None
    monkeypatch.setattr(rows, "STEPS", 1)
    page = found(purpose="nothing")
    assert page.rows == []
    assert page.next is not None, "there are rows that were not looked at yet"
    seen = []
    while page.next is not None:
        page = found(purpose="marketing", before=page.next)
        seen += page.rows
    assert len({row.id for row in seen}) == len(seen) == 3


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_leave_out_nothing_and_repeat_nothing(trail, limit):
    page = found(category="contact", limit=limit)
    seen = list(page.rows)
    while page.next is not None:
        page = found(category="contact", limit=limit, before=page.next)
        seen += page.rows
    assert [row.detail["number"] for row in seen] == [2, 2, 1, 1, 0, 0]


def test_by_person_under_every_id_and_with_other_filters(monkeypatch):
    former, now, other = (str(uuid4()) for _ in range(3))
    for subject in (former, now, other):
        record_read(MIA, action="person.read", subjects=[subject])
    seal()
    record_read(SYSTEM, action="person.graph", subjects=[now])
    subjects.register_subjects(
        lambda _actor, text: [now, former] if text in (former, "email:j@x.org") else []
    )
    assert len(found(person="email:j@x.org").rows) == 3
    assert [row.actor for row in found(person=former, by="mia").rows][:2] == ["mia", "mia"]
    assert [row.action for row in found(person=f" {former} ", action="person.g").rows] == ["person.graph"]


def test_an_erased_person_is_found_by_an_id_of_theirs():
    erased = str(uuid4())
    record_read(MIA, action="person.read", subjects=[erased])
    assert [row.action for row in found(person=erased).rows] == ["person.read"]
    assert found(person=str(uuid4())).rows == []


def test_a_search_is_kept_without_who_is_looked_for():
    person = str(uuid4())
    found(person=person, by="mia", since=timezone.now())
    kept = AuditEntry.objects.get(action="audit.read")
    assert kept.subjects == [pseudonym(person)]
    assert set(kept.detail) == {"by", "since", "of_a_person", "rows"}
    assert person not in str(kept.detail)


def test_who_may_not_read_the_trail_is_refused():
    with pytest.raises(AccessDenied):
        search_trail(NOBODY, Search())
