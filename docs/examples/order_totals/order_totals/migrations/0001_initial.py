"""The table of order totals."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Create it."""

    initial = True
    operations = [
        migrations.CreateModel(
            name="OrderTotal",
            fields=[
                ("anchor", models.UUIDField(primary_key=True, serialize=False)),
                ("orders", models.IntegerField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=20)),
            ],
            options={"db_table": "order_total"},
        ),
    ]
