"""Groups of the directory and their roles, accounts and their entries, and how the sync stands."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0011_access_of_programs"),
    ]

    operations = [
        migrations.CreateModel(
            name="DirectoryAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry_id", models.CharField(max_length=1200, unique=True)),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                ("left_because", models.CharField(blank=True, db_default="", default="", max_length=20)),
                ("user", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="directory_account", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="DirectoryMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.CharField(max_length=400)),
                ("key", models.CharField(max_length=1200, unique=True)),
                ("role", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="directory_mappings", to="compliance.role")),
            ],
        ),
        migrations.CreateModel(
            name="DirectorySync",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("ran_at", models.DateTimeField(blank=True, null=True)),
                ("succeeded_at", models.DateTimeField(blank=True, null=True)),
                ("failed_runs", models.PositiveIntegerField(db_default=0, default=0)),
                ("trouble", models.TextField(blank=True, db_default="", default="")),
                ("held", models.TextField(blank=True, db_default="", default="")),
                ("known", models.PositiveIntegerField(db_default=0, default=0)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="compliance_directory_sync_is_one")],
            },
        ),
    ]
