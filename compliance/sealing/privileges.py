"""Who could change the trail in the database: triggers refuse it to everybody, privileges to whom does not own the table.

A role that owns a table can take its triggers away. So an installation with a PostgreSQL of its own gives the trail to a
role that nobody signs in as, and the role of the processes may only add rows, read them and seal them.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from psycopg import sql

TABLE = "compliance_auditentry"
_FUNCTIONS = ("compliance_audit_append_only", "compliance_audit_never_emptied")
_ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"
_PROTECTION = """
SELECT current_user, role.rolsuper,
    pg_has_role(trail.relowner, 'MEMBER') OR has_table_privilege(trail.oid, 'DELETE') OR has_table_privilege(trail.oid, 'TRUNCATE')
        OR has_column_privilege(trail.oid, 'actor', 'UPDATE') OR has_table_privilege(trail.oid, 'TRIGGER'),
    pg_has_role(place.nspowner, 'MEMBER'),
    (SELECT count(*) FROM pg_trigger WHERE tgrelid = trail.oid AND tgname = ANY(%s) AND tgenabled IN ('O', 'A'))
FROM pg_class trail JOIN pg_namespace place ON place.oid = trail.relnamespace, pg_roles role
WHERE trail.oid = %s::regclass AND role.rolname = current_user
"""


class NoSuchRole(Exception):
    """The database has no role of this name."""


@dataclass(frozen=True, slots=True)
class Protection:
    """What keeps the role of this process from changing the trail.

    `has_triggers` says that they stand and are on; `by_privileges`, that the role could not change rows without them
    either; `may_drop`, that it could remove the whole table all the same, because it owns the schema.
    """

    role: str
    has_triggers: bool
    by_privileges: bool
    may_drop: bool


def protection() -> Protection:
    """As the database has it now."""
    with connection.cursor() as cursor:
        cursor.execute(_PROTECTION, [list(_FUNCTIONS), TABLE])
        role, is_superuser, may_change, owns_schema, triggers = cursor.fetchone()
    return Protection(
        role,
        has_triggers=triggers == len(_FUNCTIONS),
        by_privileges=not (is_superuser or may_change),
        may_drop=is_superuser or owns_schema,
    )


def protecting(owner: str, application: str) -> list[str]:
    """The statements that give the trail to `owner` and let `application` add, read and seal rows. Raises NoSuchRole."""
    _check_role(application)
    create = [] if _exists(owner) else ["CREATE ROLE {owner} NOLOGIN"]
    return _composed(
        owner,
        application,
        *create,
        "ALTER SCHEMA public OWNER TO {owner}",
        "GRANT USAGE, CREATE ON SCHEMA public TO {application}",
        *_owned_by("{owner}"),
        "REVOKE ALL ON {table} FROM PUBLIC, {application}",
        "GRANT SELECT, INSERT ON {table} TO {application}",
        "GRANT UPDATE (sealed_seq, sealed_hash) ON {table} TO {application}",
        "GRANT USAGE ON SEQUENCE {sequence} TO {application}",
    )


def releasing(application: str) -> list[str]:
    """The statements that give the trail back to `application`, for a migration that changes it. Raises NoSuchRole."""
    _check_role(application)
    return _composed(
        "", application, *_owned_by("{application}"), "ALTER SCHEMA public OWNER TO pg_database_owner"
    )


def apply(statements: list[str]) -> None:
    """Do so, all of it or nothing. Raises django.db.Error when this session's role may not."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _owned_by(role: str) -> list[str]:
    functions = [f"ALTER FUNCTION {name}() OWNER TO {role}" for name in _FUNCTIONS]
    return [f"ALTER TABLE {{table}} OWNER TO {role}", *functions]


def _composed(owner: str, application: str, *statements: str) -> list[str]:
    names = {
        "owner": sql.Identifier(owner or application), "application": sql.Identifier(application),
        "table": sql.Identifier(TABLE), "sequence": sql.Identifier(f"{TABLE}_id_seq"),
    }  # fmt: skip
    connection.ensure_connection()
    return [sql.SQL(each).format(**names).as_string(connection.connection) for each in statements]


def _check_role(name: str) -> None:
    if not _exists(name):
        raise NoSuchRole(f"the database has no role {name!r}: name the one that stands in DATABASE_URL")


def _exists(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ROLE_EXISTS, [role])
        return bool(cursor.fetchone()[0])
