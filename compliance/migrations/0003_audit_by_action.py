"""The audit trail is searched by what was done: an index finds the rows of a rare action among millions."""

from django.db import migrations, models

from streaming.indexing import AddIndex, for_as_long_as_it_takes


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('compliance', '0002_notices'),
    ]

    operations = for_as_long_as_it_takes(
        AddIndex('auditentry', models.Index(fields=['action', '-id'], name='compliance_audit_by_action')),
    )
