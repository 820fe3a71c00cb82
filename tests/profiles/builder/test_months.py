"""The months of the timeline have their indexes, whoever made them and when."""

from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command

from profiles.builder.months import create_month, month_of

_MONTHS = """
SELECT i.inhrelid::regclass::text, count(own.indexrelid) FILTER (
    WHERE own.indisvalid AND pg_get_indexdef(own.indexrelid) LIKE '%%USING brin (received_at)'
) FROM pg_inherits i LEFT JOIN pg_index own ON own.indrelid = i.inhrelid
WHERE i.inhparent = 'profiles_timeline'::regclass GROUP BY 1
"""


def months(database: Any) -> dict[str, int]:
    """Each table with its indexes of when rows were received."""
    with database.connect() as connection:
        return dict(connection.execute(_MONTHS).fetchall())


def make(database: Any, year: int) -> None:
    with database.connect(autocommit=True) as connection:
        create_month(connection, month_of(datetime(year, 5, 1, tzinfo=UTC)))


def test_an_index_is_made_for_months_that_there_are_and_for_those_to_come(fresh_database):
    make(fresh_database, 2024)
    call_command("migrate", "profiles", "0006", verbosity=0)
    assert months(fresh_database) == {"profiles_timeline_202405": 0, "profiles_timeline_past": 0}
    make(fresh_database, 2025)  # by a builder of this version, before the migration
    call_command("migrate", "profiles", verbosity=0)
    make(fresh_database, 2026)
    assert months(fresh_database) == {
        "profiles_timeline_202405": 1, "profiles_timeline_202505": 1, "profiles_timeline_202605": 1,
        "profiles_timeline_past": 1,
    }  # fmt: skip


def test_a_migration_that_was_interrupted_goes_on(fresh_database):
    make(fresh_database, 2024)
    call_command("migrate", "profiles", "0006", verbosity=0)
    with fresh_database.connect() as connection:  # as far as the parent's index, and an invalid one
        connection.execute(
            "CREATE INDEX profiles_timeline_received ON ONLY profiles_timeline USING brin (received_at);"
            "CREATE INDEX profiles_timeline_202405_received ON profiles_timeline_202405 USING brin (received_at);"
            "UPDATE pg_index SET indisvalid = false"
            " WHERE indexrelid = 'profiles_timeline_202405_received'::regclass"
        )
    call_command("migrate", "profiles", verbosity=0)
    assert months(fresh_database) == {"profiles_timeline_202405": 1, "profiles_timeline_past": 1}
