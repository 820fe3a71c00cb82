"""The catalogue knows what stands within other values, by its path."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingestion", "0010_stream_settings"),
    ]

    operations = [
        migrations.AddField(
            model_name="cataloguekey",
            name="is_nested",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="It stands within another one: the name is its path",
            ),
        ),
    ]
