"""The legal basis of purposes, and the texts that people were shown."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

# Purposes of before said only whether they need consent.
_BASES = """
UPDATE compliance_purpose SET legal_basis = CASE key WHEN 'service' THEN 'contract' ELSE 'legitimate_interests' END
WHERE NOT needs_consent
"""
_ABSOLUTE = "UPDATE compliance_purpose SET objection_is_absolute = true WHERE key IN ('marketing', 'advertising')"


def fill(apps: Any, schema_editor: Any) -> None:
    """A handful of rows."""
    del apps
    for statement in (_BASES, _ABSOLUTE):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ("compliance", "0008_role_forms"),
    ]

    operations = [
        migrations.AddField("purpose", "description", models.CharField(blank=True, db_default="", default="", max_length=400)),
        migrations.AddField(
            "purpose", "legal_basis",
            models.CharField(
                choices=[
                    ("consent", "Consent"), ("contract", "Contract"), ("legal_obligation", "Legal obligation"),
                    ("vital_interests", "Vital interests"), ("public_task", "Public task"),
                    ("legitimate_interests", "Legitimate interests"),
                ],
                db_default="consent", default="consent", max_length=20,
            ),
        ),
        migrations.AddField("purpose", "objection_is_absolute", models.BooleanField(db_default=False, default=False)),
        migrations.CreateModel(
            name="PurposeText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("since", models.DateField()),
                ("purpose", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="compliance.purpose")),
            ],
            options={
                "ordering": ("-since", "-id"),
                "constraints": [models.UniqueConstraint(fields=("purpose", "version"), name="compliance_purpose_text_once")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
