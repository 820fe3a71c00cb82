"""Where members of staff have signed in before, so that strangers elsewhere do not keep them out of there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0013_approvals"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32)),
                ("place", models.GenericIPAddressField()),
                ("seen_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "place"), name="compliance_knownplace_one")],
            },
        ),
    ]
