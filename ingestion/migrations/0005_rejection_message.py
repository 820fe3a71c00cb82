"""Rejected items are looked up by their message ids: the trace of an event asks for them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ingestion", "0004_catalogue_plans_quarantine")]

    operations = [
        AddIndexConcurrently(
            model_name="rejection",
            index=models.Index(
                condition=models.Q(("message_id", ""), _negated=True),
                fields=["message_id"],
                name="rejection_by_message",
            ),
        ),
    ]
