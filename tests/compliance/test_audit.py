import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from compliance.access import Actor
from compliance.audit import record_change, record_read
from compliance.enums import ActorKind, Category, Operation
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry

MIA = Actor(
    ActorKind.STAFF, "mia", frozenset({Operation.PEOPLE_VIEW}), address="10.0.0.7", purpose="marketing"
)


@pytest.mark.django_db
def test_a_read_says_who_what_whom_and_why():
    person = uuid.uuid4()
    record_read(
        MIA,
        action="people.view",
        target="profile",
        subjects=[person, str(person), "other"],
        categories=[Category.IDENTITY, Category.BEHAVIOUR, Category.IDENTITY],
        detail={"results": 1},
    )
    [entry] = AuditEntry.objects.all()
    assert (entry.actor_kind, entry.actor, entry.address, entry.purpose) == (
        "staff",
        "mia",
        "10.0.0.7",
        "marketing",
    )
    assert (entry.action, entry.target, entry.detail) == ("people.view", "profile", {"results": 1})
    assert sorted(entry.subjects) == sorted({pseudonym(person), pseudonym("other")})
    assert entry.categories == ["behaviour", "identity"]
    assert abs(entry.at - timezone.now()) < timedelta(minutes=1)
    assert (entry.sealed_seq, entry.sealed_hash) == (None, None)


@pytest.mark.django_db
def test_a_row_is_kept_as_it_was_said():
    detail = {
        "at": datetime(2026, 5, 3, 10, tzinfo=UTC), "whom": uuid.UUID(int=7), "kind": ActorKind.TOKEN, "large": 2**80,
        "text": 'a "quote", a \\ and \u00e9', "none": None, "list": [1, 2.5, True],
    }  # fmt: skip
    record_read(MIA, action="people.view", target='a {b},"c" \\', subjects=[], detail=detail)
    [entry] = AuditEntry.objects.all()
    assert (entry.target, entry.subjects, entry.categories) == ('a {b},"c" \\', [], [])
    assert entry.detail == {
        **detail, "at": "2026-05-03 10:00:00+00:00", "whom": str(uuid.UUID(int=7)), "kind": "token",
    }  # fmt: skip


@pytest.mark.django_db
def test_what_is_too_long_for_a_row_is_refused_and_not_cut_off():
    with pytest.raises(DatabaseError, match="too long"), transaction.atomic():
        record_change(MIA, action="people.view", target="x" * 201)
    with pytest.raises(DatabaseError, match="too long"):
        record_read(MIA, action="people.view", target="x" * 201)


def test_a_read_is_committed_when_it_returns(fresh_database):
    record_read(MIA, action="people.view", subjects=["p"])
    with fresh_database.connect() as other:
        assert other.execute("SELECT actor FROM compliance_auditentry").fetchall() == [("mia",)]


def test_a_read_refuses_to_stand_in_a_transaction_that_could_undo_it(fresh_database):
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        record_read(MIA, action="people.view")
    assert not AuditEntry.objects.exists()


def test_a_change_and_its_row_happen_together_or_not_at_all(fresh_database):
    with transaction.atomic():
        record_change(MIA, action="source.create", target="source:1")
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
    with transaction.atomic():
        record_change(MIA, action="source.create", target="source:1")
    assert AuditEntry.objects.get().target == "source:1"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(actor="ada"),
        lambda rows: rows.update(detail={}),
        lambda rows: rows.update(sealed_seq=1, sealed_hash=b"x", actor="ada"),
        lambda rows: rows.delete(),
    ],
    ids=["actor", "detail", "with sealing", "delete"],
)
def test_the_trail_is_append_only(change):
    record_read(MIA, action="people.view", detail={"results": 3})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(AuditEntry.objects.all())
    assert AuditEntry.objects.get().actor == "mia"


@pytest.mark.django_db
def test_a_row_can_be_sealed_once():
    record_read(MIA, action="people.view")
    AuditEntry.objects.update(sealed_seq=1, sealed_hash=b"first")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(sealed_hash=b"second")
    assert bytes(AuditEntry.objects.get().sealed_hash or b"") == b"first"


def test_rows_of_many_readers_all_stand(fresh_database, django_db_blocker):
    def read(name):
        with django_db_blocker.unblock():
            for number in range(20):
                record_read(Actor(ActorKind.TOKEN, name), action="people.view", subjects=[f"{number}"])
            connection.close()

    connection.settings_dict["NAME"] = fresh_database.name
    threads = [threading.Thread(target=read, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert AuditEntry.objects.count() == 80
    assert AuditEntry.objects.filter(subjects__contains=[pseudonym("3")]).count() == 4
