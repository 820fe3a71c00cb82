"""The purpose that a source collects for."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ingestion', '0011_nested_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='purpose',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
    ]
