"""The proof of a statement of consent, such as a TC string as it came: a column with a constant default, at once on any size."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0016_anchor_sources_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='consentday',
            name='proof',
            field=models.TextField(db_default='', default=''),
        ),
    ]
