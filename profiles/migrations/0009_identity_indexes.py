"""Indexes on the big tables, made while events are applied, and which user ids only alias calls have named."""

from typing import Any

from django.db import migrations, models

from streaming.indexing import AddIndex, for_as_long_as_it_takes

STEP = 50_000  # identifiers, in one short transaction
MARK = """
UPDATE profiles_identifier i SET present = false FROM profiles_namespace n
WHERE i.id >= %(low)s AND i.id < %(low)s + %(step)s
    AND n.key = 'user_id' AND i.namespace_id = n.id AND i.profile_id IS NULL AND i.present
    AND NOT EXISTS (SELECT FROM profiles_anchor a WHERE a.user_id = i.id)
"""
IS_DECISION = models.Q(('rule__in', ['merge', 'keep_apart']))
# (model, index)
INDEXES = (
    ('evidence', models.Index(
        models.F('id'), name='profiles_evidence_review', condition=models.Q(('state__in', ['refused', 'proposed'])),
    )),
    ('evidence', models.Index(
        models.F('id'), name='profiles_evidence_pending', condition=models.Q(('state', 'pending')),
    )),
    ('evidence', models.Index(
        models.F('import_id'), name='profiles_evidence_import', condition=models.Q(('import_id__gt', 0)),
    )),
    ('evidence', models.Index(models.F('a'), name='profiles_evidence_decision_a', condition=IS_DECISION)),
    ('evidence', models.Index(models.F('b'), name='profiles_evidence_decision_b', condition=IS_DECISION)),
    ('anchor', models.Index(
        models.F('user'), name='profiles_anchor_user', condition=models.Q(('user__isnull', False)),
    )),
    ('anchor', models.Index(
        models.F('anonymous'), name='profiles_anchor_anonymous', condition=models.Q(('anonymous__isnull', False)),
    )),
    ('cluster', models.Index(
        models.F('due_at'), name='profiles_cluster_due', condition=models.Q(('due_at__isnull', False)),
    )),
)


def mark_absent(apps: Any, schema_editor: Any) -> None:
    """Step by step; none of them changes what the one before has marked."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM profiles_identifier")
        first, last = cursor.fetchone()
        for low in range(first, last + 1, STEP):
            cursor.execute(MARK, {"low": low, "step": STEP})


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('profiles', '0008_identity'),
    ]

    operations = for_as_long_as_it_takes(
        *(AddIndex(model, index) for model, index in INDEXES),
        migrations.RunPython(mark_absent, migrations.RunPython.noop),
    )
