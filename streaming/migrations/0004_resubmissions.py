"""Dead letters sent back by background jobs, in their order; edits of dead letters; where messages first stood."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add tables and nullable columns; the big table's index comes with the next migration."""

    dependencies = [("streaming", "0003_consumer_flow")]
    operations = [
        migrations.CreateModel(
            name="Resubmission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("consumer", models.TextField()),
                (
                    "alike",
                    models.BigIntegerField(
                        blank=True, help_text="One of the letters, when all have its reason", null=True
                    ),
                ),
                (
                    "rate",
                    models.FloatField(
                        blank=True, help_text="Letters per second at most; without one, no limit", null=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("asked", models.BigIntegerField(help_text="Letters that it began with")),
                ("sent", models.BigIntegerField(default=0)),
                ("left_open", models.BigIntegerField(default=0, help_text="Letters that the log would never take")),
                ("created_at", models.DateTimeField()),
                ("created_by", models.TextField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("lease_owner", models.UUIDField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "resubmission",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["consumer", "id"],
                        name="resubmission_active",
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="deadletter",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("queued", "Waiting to go back"),
                    ("resubmitted", "Resubmitted"),
                    ("discarded", "Discarded"),
                ],
                db_default="open",
                default="open",
                max_length=12,
            ),
        ),
        migrations.AddField("deadletter", "origin_topic", models.TextField(blank=True, null=True)),
        migrations.AddField("deadletter", "origin_partition", models.IntegerField(blank=True, null=True)),
        migrations.AddField("deadletter", "origin_offset", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("deadletter", "former", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField(
            "deadletter",
            "resubmission",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letters",
                to="streaming.resubmission",
            ),
        ),
        migrations.AddField("deadletter", "resubmission_number", models.BigIntegerField(blank=True, null=True)),
        migrations.CreateModel(
            name="DeadLetterEdit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BinaryField(null=True)),
                ("value", models.BinaryField(null=True)),
                ("edited_at", models.DateTimeField()),
                ("edited_by", models.TextField()),
                (
                    "dead_letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="edits",
                        to="streaming.deadletter",
                    ),
                ),
            ],
            options={"db_table": "dead_letter_edit"},
        ),
    ]
