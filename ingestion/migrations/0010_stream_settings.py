"""What a kind of source asks of each stream."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ingestion", "0009_import_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="stream",
            name="settings",
            field=models.JSONField(
                db_default={}, default=dict, help_text="What the kind asks of each stream; never a secret"
            ),
        ),
    ]
