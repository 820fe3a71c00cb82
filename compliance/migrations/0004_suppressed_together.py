"""Identifiers that were suppressed as one person's are known as such, so that they can be lifted at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0003_audit_by_action"),
    ]

    operations = [
        migrations.AddField(
            model_name="suppressedidentifier",
            name="together",
            field=models.UUIDField(null=True),
        ),
        # The index is empty: making it is one look through rows that are a hash each.
        migrations.AddIndex(
            model_name="suppressedidentifier",
            index=models.Index(
                models.F("together"),
                condition=models.Q(("together__isnull", False)),
                name="compliance_suppressed_together",
            ),
        ),
    ]
