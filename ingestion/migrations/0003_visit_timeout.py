"""When visits of a source end. The default is a constant, so that the table is not rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ingestion', '0002_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='source',
            name='visit_timeout',
            field=models.PositiveSmallIntegerField(db_default=30, default=30),
        ),
    ]
