"""Which message ids stand in each stretch of the timeline, so that one can be traced by its id alone (ADR 0096).

A tree over random ids would cost the builder several times what it does; these filters cost it nothing that can be
measured, and half a percent of the space.
"""

from typing import Any

from django.db import migrations

_USING = "USING brin (message_id text_bloom_ops) WITH (autosummarize = on)"
# The parent's index comes first: a month that is made meanwhile gets its own when it is attached.
ON_PARENT = f"CREATE INDEX IF NOT EXISTS profiles_timeline_message ON ONLY profiles_timeline {_USING}"
MONTHS = """
SELECT i.inhrelid::regclass::text FROM pg_inherits i WHERE i.inhparent = 'profiles_timeline'::regclass
    AND NOT EXISTS (
        SELECT FROM pg_inherits attached JOIN pg_index own ON own.indexrelid = attached.inhrelid
        WHERE attached.inhparent = 'profiles_timeline_message'::regclass AND own.indrelid = i.inhrelid
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
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {month}_message")  # an interrupted one is invalid
            cursor.execute(f"CREATE INDEX CONCURRENTLY {month}_message ON {month} {_USING}")
            cursor.execute(f"ALTER INDEX profiles_timeline_message ATTACH PARTITION {month}_message")
        cursor.execute("RESET statement_timeout; RESET lock_timeout")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('profiles', '0010_households'),
    ]

    operations = [
        migrations.RunPython(create, migrations.RunPython.noop),
        migrations.RunSQL(migrations.RunSQL.noop, "DROP INDEX profiles_timeline_message"),
    ]
