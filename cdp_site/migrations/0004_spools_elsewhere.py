"""The hosts whose spool a reconciliation could not read."""

from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):

    dependencies = [
        ('cdp_site', '0003_reconciliation'),
    ]

    operations = [
        migrations.AddField(
            model_name='reconciliation',
            name='elsewhere',
            field=models.JSONField(db_default=Value([], output_field=models.JSONField()), default=list, help_text='of each host: host, since, records, reasons'),
        ),
    ]
