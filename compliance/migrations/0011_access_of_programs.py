"""What is usual for whoever looks, and rules for programs: new columns with defaults, and a table that begins empty."""

import django.core.validators
from django.db import migrations, models

_NUMBER = [django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1_000_000)]


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0010_local_accounts"),
    ]

    operations = [
        migrations.AddField(
            "accesswatch", "times_usual",
            models.PositiveSmallIntegerField(
                blank=True, db_default=3, null=True,
                validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(100)],
            ),
        ),
        migrations.AddField("accesswatch", "usual_from", models.PositiveIntegerField(db_default=20, validators=_NUMBER)),
        migrations.AddField(
            "accesswatch", "token_people_an_hour",
            models.PositiveIntegerField(blank=True, db_default=5000, null=True, validators=_NUMBER),
        ),
        migrations.AddField("accesswatch", "tokens_keep_hours", models.BooleanField(db_default=False)),
        migrations.CreateModel(
            name="AccessDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor", models.CharField(max_length=150)),
                ("day", models.DateField(db_index=True)),
                ("people", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("actor_kind", "actor", "day"), name="compliance_access_day_is_one")
                ],
            },
        ),
    ]  # fmt: skip
