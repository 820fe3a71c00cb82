"""The sealer: every committed row gets a place, in one chain without a gap, whoever wrote it and when it committed."""

from datetime import timedelta

import pytest
from django.db import connection

from compliance.models import AuditEntry
from compliance.sealing import sealer
from compliance.sealing.condition import unsealed
from compliance.sealing.sealer import head, seal
from compliance.tasks import seal_audit_trail
from streaming.runtime.failpoints import FailpointReached
from tests.compliance.sealing.trail import CHAIN, INSERT, insert_many, is_whole, kept_hashes, look


def test_rows_become_one_chain(fresh_database):
    look(3)
    assert seal() == 3
    look(2)
    assert seal() == 2
    assert seal() == 0
    with fresh_database.connect() as other:
        assert len(kept_hashes(other)) == 5
        assert is_whole(other)
        assert head() == (5, kept_hashes(other)[-1])


def test_the_task_seals(fresh_database):
    look()
    seal_audit_trail()
    with fresh_database.connect() as other:
        assert is_whole(other)
        assert len(kept_hashes(other)) == 1


def test_a_row_that_commits_late_is_sealed_after_those_that_came_later(fresh_database):
    with fresh_database.connect() as late, fresh_database.connect() as lost:
        late.execute(INSERT, ["late"])
        lost.execute(INSERT, ["lost"])
        look(2)
        assert seal() == 2
        late.commit()
        lost.rollback()
        look()
        assert seal() == 2
    with fresh_database.connect() as other:
        assert [row[2] for row in other.execute(CHAIN)] == [3, 4, 1, 5]  # 2 was never written
        assert is_whole(other)


def test_a_backlog_is_worked_off_in_blocks_and_in_bounded_time(fresh_database, monkeypatch):
    monkeypatch.setattr(sealer, "BLOCK", 40)
    monkeypatch.setattr(sealer, "_UNSEALED", sealer._UNSEALED.replace("LIMIT 5000", "LIMIT 40"))
    with fresh_database.connect(autocommit=True) as other:
        insert_many(other, 100)
        assert seal(longest_s=0) == 40
        assert unsealed().count == 60
        assert seal() == 60
        assert unsealed().count == 0
        assert is_whole(other)


def test_two_sealers_never_link_at_once(fresh_database):
    look()
    with fresh_database.connect() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [sealer._LOCK])
        assert seal() == 0
        other.rollback()
        assert seal() == 1


def test_a_sealer_that_dies_within_a_block_leaves_none_of_it(fresh_database, monkeypatch):
    def die(name):
        raise FailpointReached(name)

    look(3)
    with monkeypatch.context() as patched:
        patched.setattr(sealer, "reach", die)
        with pytest.raises(FailpointReached):
            seal()
    assert head()[0] == 0
    assert seal() == 3


def test_a_block_that_another_hand_changed_is_not_sealed(fresh_database, monkeypatch):
    look(3)

    def meddle(_name):
        with fresh_database.connect(autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            owner.execute("DELETE FROM compliance_auditentry WHERE id = 2")

    with monkeypatch.context() as patched:
        patched.setattr(sealer, "reach", meddle)
        with pytest.raises(sealer.ChainBroken, match="1 rows"):
            seal()
    assert not AuditEntry.objects.exclude(sealed_seq=None).exists()


@pytest.mark.django_db
def test_it_is_told_how_far_the_sealer_is():
    assert unsealed().age == timedelta()
    look(2)
    assert unsealed().count == 2
    assert not unsealed().is_late
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE compliance_auditentry SET at = clock_timestamp() - interval '5 minutes'")
    assert unsealed().is_late
    assert timedelta(minutes=5) <= unsealed().age < timedelta(minutes=6)
