"""Imports that were undone, and the jobs that undo them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("profiles", "0012_handovers"),
    ]

    operations = [
        migrations.CreateModel(
            name="UndoItem",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "import_id",
                        "is_anchor",
                        "item",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("import_id", models.BigIntegerField()),
                ("is_anchor", models.BooleanField()),
                ("item", models.BigIntegerField()),
            ],
            options={
                "db_table": "profiles_undo_item",
            },
        ),
        migrations.CreateModel(
            name="Undo",
            fields=[
                ("import_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("since", models.DateTimeField(help_text="its events were received then or later")),
                ("until", models.DateTimeField(help_text="and before this")),
                ("by", models.CharField(max_length=150)),
                ("begun_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("stopped", "stopped"), ("done", "done")],
                        default="running",
                        max_length=8,
                    ),
                ),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("plan", "plan"),
                            ("facts", "facts"),
                            ("alone", "alone"),
                            ("links", "links"),
                            ("rest", "rest"),
                        ],
                        default="plan",
                        max_length=8,
                    ),
                ),
                ("cursor", models.BigIntegerField(default=0)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("events", models.BigIntegerField(default=0, help_text="taken away")),
                (
                    "people",
                    models.BigIntegerField(default=0, help_text="who came with it alone, and are gone"),
                ),
                ("links", models.BigIntegerField(default=0, help_text="withdrawn")),
                ("ended_at", models.DateTimeField(null=True)),
                ("failed", models.TextField(default="", help_text="why the last attempt ended")),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("import_id"),
                        condition=models.Q(("state", "running")),
                        name="profiles_undo_running",
                    )
                ],
            },
        ),
    ]
