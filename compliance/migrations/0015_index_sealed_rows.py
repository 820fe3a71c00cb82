"""The audit trail's indexes know sealed rows only, so that adding a row writes into three indexes less."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

SEALED = models.Q(sealed_hash__isnull=False)


class Migration(migrations.Migration):
    """The new ones are made before the old ones go: searches are as fast meanwhile, and on the way back."""

    atomic = False

    dependencies = [("compliance", "0014_known_places")]

    operations = [
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["actor", "-id"], name="compliance_audit_of_actor", condition=SEALED)
        ),
        AddIndexConcurrently(
            "auditentry", models.Index(fields=["action", "-id"], name="compliance_audit_of_action", condition=SEALED)
        ),
        AddIndexConcurrently(
            "auditentry", GinIndex(fields=["subjects"], name="compliance_audit_of_subject", condition=SEALED)
        ),
        RemoveIndexConcurrently("auditentry", "compliance_audit_by_actor"),
        RemoveIndexConcurrently("auditentry", "compliance_audit_by_action"),
        RemoveIndexConcurrently("auditentry", "compliance_audit_by_subject"),
    ]
