"""The queue of a resubmission, as an index; made beside those who write dead letters meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the index."""

    atomic = False
    dependencies = [("streaming", "0004_resubmissions")]
    operations = [
        AddIndexConcurrently(
            "deadletter",
            models.Index(
                condition=models.Q(("state", "queued")),
                fields=["resubmission", "resubmission_number"],
                name="dead_letter_queue",
            ),
        ),
    ]
