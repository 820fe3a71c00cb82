"""Roles and tokens say in which form data of each category are shown, for which purposes, and of which sources."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


def _categories() -> ArrayField:
    return ArrayField(models.CharField(max_length=20), blank=True, db_default=[], default=list, size=None)


class Migration(migrations.Migration):
    dependencies = [("compliance", "0007_user_sessions")]

    operations = [
        migrations.AddField("apitoken", "hashed", _categories()),
        migrations.AddField("apitoken", "hidden", _categories()),
        migrations.AddField(
            "apitoken", "sources", ArrayField(models.BigIntegerField(), blank=True, null=True, size=None)
        ),
        migrations.AddField("role", "hashed", _categories()),
        migrations.AddField("role", "hidden", _categories()),
        migrations.AddField(
            "role",
            "purposes",
            ArrayField(models.CharField(max_length=40), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField("role", "all_sources", models.BooleanField(db_default=True, default=True)),
    ]
