"""How far the topics of combined records have been published anew."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0005_session_clock'),
    ]

    operations = [
        migrations.CreateModel(
            name='CombinedRebuild',
            fields=[
                ('topic', models.TextField(primary_key=True, serialize=False)),
                ('incarnation', models.IntegerField(default=1)),
                ('after', models.JSONField(null=True)),
            ],
            options={
                'db_table': 'profiles_combined_rebuild',
            },
        ),
    ]
