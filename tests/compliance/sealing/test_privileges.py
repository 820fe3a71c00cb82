"""The database refuses changes of the trail: by triggers to everybody, by privileges to the role of the processes."""

import uuid
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cdp_site.doctor.audit import check_protection
from cdp_site.doctor.finding import Verdict
from compliance.models import AuditEntry
from compliance.sealing.privileges import protection
from compliance.sealing.sealer import head, seal
from tests.compliance.sealing.trail import INSERT, is_whole, look

_FIRST_AGAIN = (
    INSERT.replace("%s", "'x'").replace("(actor_kind", "(id, actor_kind").replace("VALUES (", "VALUES (1, ")
)
_MERGE = "MERGE INTO compliance_auditentry kept USING (SELECT 1 AS id) given ON kept.id = given.id WHEN MATCHED THEN"
CHANGES = [
    "UPDATE compliance_auditentry SET actor = 'ada'",
    "UPDATE compliance_auditentry SET sealed_hash = 'x' WHERE sealed_hash IS NOT NULL",
    "UPDATE compliance_auditentry SET sealed_seq = NULL, sealed_hash = NULL WHERE sealed_hash IS NOT NULL",
    "DELETE FROM compliance_auditentry",
    "TRUNCATE compliance_auditentry",
    "TRUNCATE compliance_auditentry RESTART IDENTITY CASCADE",
    f"{_FIRST_AGAIN} ON CONFLICT (id) DO UPDATE SET actor = excluded.actor",
    f"{_MERGE} UPDATE SET actor = 'ada'",
    f"{_MERGE} DELETE",
]
OF_OWNERS = [
    "ALTER TABLE compliance_auditentry DISABLE TRIGGER ALL",
    "DROP TRIGGER compliance_audit_append_only ON compliance_auditentry",
    "CREATE OR REPLACE FUNCTION compliance_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "ALTER TABLE compliance_auditentry ADD COLUMN note text",
    "ALTER TABLE compliance_auditentry OWNER TO CURRENT_USER",
    "CREATE RULE nothing AS ON INSERT TO compliance_auditentry DO INSTEAD NOTHING",
    "DROP TABLE compliance_auditentry",
    "DROP SCHEMA public CASCADE",
    "SET session_replication_role = replica",
]


@pytest.mark.parametrize("change", CHANGES)
def test_triggers_refuse_every_change_to_the_owner_too(fresh_database, change):
    look(2)
    seal()
    with (
        fresh_database.connect() as owner,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
    ):
        owner.execute(change)
    assert list(AuditEntry.objects.order_by("id").values_list("actor", "sealed_seq")) == [
        ("mia", 1),
        ("mia", 2),
    ]


@pytest.fixture
def application(fresh_database):
    """A role as processes have it, which owns the database and its trail; the roles are gone afterwards."""
    role, owner = (f"{name}_{uuid.uuid4().hex[:8]}" for name in ("app", "keeper"))
    with fresh_database.connect(autocommit=True) as administrator:
        administrator.execute(f"CREATE ROLE {role}")
        administrator.execute(f"ALTER DATABASE {fresh_database.name} OWNER TO {role}")
        for kind, name in (
            ("TABLE", "compliance_auditentry"),
            ("FUNCTION", "compliance_audit_append_only"),
            ("FUNCTION", "compliance_audit_never_emptied"),
        ):
            administrator.execute(f"ALTER {kind} {name} OWNER TO {role}")
        yield role, owner
        connection.close()
        administrator.execute("RESET ROLE")
        administrator.execute(f"ALTER DATABASE {fresh_database.name} OWNER TO CURRENT_USER")
        for each in (role, owner):
            if administrator.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [each]).fetchone():
                administrator.execute(f"DROP OWNED BY {each} CASCADE")
                administrator.execute(f"DROP ROLE {each}")


def protect(application, *arguments: str) -> str:
    role, owner = application
    out = StringIO()
    call_command("protect_audit_trail", "--application", role, "--owner", owner, *arguments, stdout=out)
    return out.getvalue()


def become(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")


def test_a_role_that_owns_the_trail_is_held_by_triggers_alone(application):
    become(application[0])
    held = protection()
    assert (held.role, held.has_triggers, held.by_privileges, held.may_drop) == (
        application[0],
        True,
        False,
        True,
    )
    finding = check_protection(held, is_embedded=False)
    assert finding.verdict is Verdict.WARNING
    assert f"protect_audit_trail --application {application[0]}" in finding.remedy
    assert check_protection(held, is_embedded=True).verdict is Verdict.GOOD


def test_the_statements_are_printed_for_whoever_administers_the_database(application):
    become(application[0])
    said = protect(application)
    assert f'ALTER TABLE "compliance_auditentry" OWNER TO "{application[1]}";' in said
    assert not protection().by_privileges


def test_a_protected_trail_takes_rows_and_seals_and_nothing_else(application, fresh_database):
    protect(application, "--apply")
    become(application[0])
    held = protection()
    assert (held.has_triggers, held.by_privileges, held.may_drop) == (True, True, False)
    finding = check_protection(held, is_embedded=False)
    assert finding.verdict is Verdict.GOOD
    assert "may only add rows, read them and seal them" in finding.text
    look(3)
    assert seal() == 4  # with the row that tells of the protection
    assert head()[0] == 4
    with fresh_database.connect(autocommit=True) as session:
        session.execute(f"SET ROLE {application[0]}")
        assert is_whole(session)
        for change in [*CHANGES, *OF_OWNERS]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(change)
        assert is_whole(session)


def test_it_is_given_back_for_a_migration(application):
    protect(application, "--apply")
    protect(application, "--release", "--apply")
    become(application[0])
    assert not protection().by_privileges
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE compliance_auditentry ADD COLUMN note text")
    become("none")
    protect(application, "--apply")
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["audit.protect", "audit.release", "audit.protect"]


def test_what_cannot_be_done_is_said_and_leaves_no_row(application):
    with pytest.raises(CommandError, match="no role 'nobody_here'"):
        call_command("protect_audit_trail", "--application", "nobody_here")
    with pytest.raises(CommandError, match="another role"):
        call_command("protect_audit_trail", "--application", "x", "--owner", "x")
    become(application[0])
    with pytest.raises(CommandError, match="DATABASE_URL be an administrator's"):
        protect(application, "--apply")
    assert not AuditEntry.objects.exists()


def test_triggers_that_are_off_are_told(application, fresh_database):
    with fresh_database.connect(autocommit=True) as owner:
        owner.execute("ALTER TABLE compliance_auditentry DISABLE TRIGGER compliance_audit_append_only")
    finding = check_protection(protection(), is_embedded=True)
    assert finding.verdict is Verdict.WRONG
    assert "ENABLE TRIGGER" in finding.remedy
