"""What was declared of topics; see docs/adr/0026-declared-topics.md."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create the table."""

    dependencies = [("streaming", "0005_dead_letter_queue")]

    operations = [
        migrations.CreateModel(
            name="TopicSetting",
            fields=[
                ("topic", models.TextField(primary_key=True, serialize=False)),
                ("partitions", models.PositiveIntegerField()),
                ("retention_seconds", models.BigIntegerField(blank=True, null=True)),
                ("retention_bytes", models.BigIntegerField(blank=True, help_text="Of each partition.", null=True)),
                ("cleanup", models.CharField(choices=[("delete", "delete"), ("compact", "compact")], max_length=8)),
                ("replication", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("min_insync", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("changed_at", models.DateTimeField()),
            ],
            options={"db_table": "topic_setting"},
        ),
    ]
