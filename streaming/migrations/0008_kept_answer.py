"""Answers of the REST API that are kept for requests sent again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create the table."""

    dependencies = [("streaming", "0007_log_append")]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("request", models.BinaryField()),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.JSONField()),
                ("at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "api_kept_answer"},
        ),
    ]
