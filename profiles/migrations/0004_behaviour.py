"""How visits went."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0003_social'),
    ]

    operations = [
        migrations.CreateModel(
            name='BehaviourLock',
            fields=[
                ('anchor', models.UUIDField(primary_key=True, serialize=False)),
            ],
            options={
                'db_table': 'profiles_behaviour_lock',
            },
        ),
        migrations.CreateModel(
            name='VisitBehaviour',
            fields=[
                ('pk', models.CompositePrimaryKey('anchor', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('anchor', models.UUIDField()),
                ('id', models.UUIDField()),
                ('source_id', models.IntegerField()),
                ('key', models.TextField(db_collation='C')),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('facts', models.BinaryField()),
                ('is_cut', models.BooleanField()),
                ('features', models.JSONField(null=True)),
                ('annoyances', models.JSONField(null=True)),
                ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='what its events said of purposes, each kind once', null=True, size=None)),
            ],
            options={
                'db_table': 'profiles_behaviour_visit',
                'indexes': [models.Index(models.F('anchor'), models.F('source_id'), models.F('first_at'), name='profiles_behaviour_place'), models.Index(models.F('anchor'), models.F('first_at'), condition=models.Q(('features__isnull', False)), name='profiles_behaviour_time')],
            },
        ),
    ]
