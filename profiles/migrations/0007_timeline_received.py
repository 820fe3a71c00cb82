"""When the rows of each stretch of the timeline were received, so that reconciliation need not read all of it."""

from typing import Any

from django.db import migrations

# The parent's index comes first: a month that is made meanwhile gets its own when it is attached.
ON_PARENT = """
CREATE INDEX IF NOT EXISTS profiles_timeline_received ON ONLY profiles_timeline USING brin (received_at)
"""
MONTHS = """
SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE i.inhparent = 'profiles_timeline'::regclass
    AND NOT EXISTS (
        SELECT FROM pg_inherits attached JOIN pg_index own ON own.indexrelid = attached.inhrelid
        WHERE attached.inhparent = 'profiles_timeline_received'::regclass AND own.indrelid = i.inhrelid
    )
ORDER BY 1
"""


def create(apps: Any, schema_editor: Any) -> None:
    """Month by month, while events are applied. Interrupted, it is begun again where it was."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(ON_PARENT)
        cursor.execute(MONTHS)
        months = [month for (month,) in cursor.fetchall()]
        # A month may be long; who writes to it does not wait for this.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        for month in months:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {month}_received")  # an interrupted one is invalid
            cursor.execute(f"CREATE INDEX CONCURRENTLY {month}_received ON {month} USING brin (received_at)")
            cursor.execute(f"ALTER INDEX profiles_timeline_received ATTACH PARTITION {month}_received")
        cursor.execute("RESET statement_timeout; RESET lock_timeout")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('profiles', '0006_combined_rebuild'),
    ]

    operations = [
        migrations.RunPython(create, migrations.RunPython.noop),
        migrations.RunSQL(migrations.RunSQL.noop, "DROP INDEX profiles_timeline_received"),
    ]
