"""The sealer finds rows without a seal by an index of those alone, and the trail is not to be emptied either."""

from django.db import migrations, models

from streaming.indexing import AddIndex, for_as_long_as_it_takes

_REFUSE = """
CREATE OR REPLACE FUNCTION compliance_audit_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: it cannot be emptied' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER compliance_audit_never_emptied BEFORE TRUNCATE ON compliance_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION compliance_audit_never_emptied();
"""
_ALLOW = """
DROP TRIGGER IF EXISTS compliance_audit_never_emptied ON compliance_auditentry;
DROP FUNCTION IF EXISTS compliance_audit_never_emptied;
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("compliance", "0004_suppressed_together"),
    ]

    operations = [
        *for_as_long_as_it_takes(
            AddIndex(
                "auditentry",
                models.Index(
                    fields=["id"], condition=models.Q(sealed_hash=None), name="compliance_audit_unsealed"
                ),
            )
        ),
        migrations.RunSQL(_REFUSE, _ALLOW),
    ]
