"""Which import brought in which rows of its file: what it gives back when it is undone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0008_context_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_row", models.BigIntegerField()),
                ("last_row", models.BigIntegerField()),
                (
                    "file_import",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="ingestion.fileimport",
                    ),
                ),
            ],
            options={
                "ordering": ["first_row"],
                "constraints": [
                    models.UniqueConstraint(fields=("file_import", "first_row"), name="import_run_unique")
                ],
            },
        ),
    ]
