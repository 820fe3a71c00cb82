"""Open sessions of members of staff, beside Django's."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0006_access_watch"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("proved_at", models.DateTimeField(blank=True, null=True)),
                ("second_factor_at", models.DateTimeField(blank=True, null=True)),
                ("address", models.CharField(blank=True, db_default="", default="", max_length=45)),
                ("browser", models.CharField(blank=True, db_default="", default="", max_length=60)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="open_sessions", to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
