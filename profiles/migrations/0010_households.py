"""Rows for the groups, households and shared values that there are already."""

from typing import Any

from django.db import migrations

STEP = 50_000  # identifiers, in one short transaction
GIVE = """
INSERT INTO profiles_household (identifier_id, public_id)
SELECT i.id, gen_random_uuid() FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.id >= %(low)s AND i.id < %(low)s + %(step)s
    AND i.profile_id IS NULL AND (i.shared OR n.level IN ('group', 'household'))
ON CONFLICT (identifier_id) DO NOTHING
"""


def give_rows(apps: Any, schema_editor: Any) -> None:
    """Step by step; what an interrupted one has done stays done."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM profiles_identifier")
        first, last = cursor.fetchone()
        for low in range(first, last + 1, STEP):
            cursor.execute(GIVE, {"low": low, "step": STEP})


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('profiles', '0009_identity_indexes'),
    ]

    operations = [
        migrations.RunPython(give_rows, migrations.RunPython.noop),
    ]
