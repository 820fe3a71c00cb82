"""Visits, and the versions of all combined records."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

VERSIONS = "CREATE SEQUENCE profiles_combined_version"

# A visit is renewed in place while it goes on: room on its page lets its indexes stay as they are.
ROOM_FOR_UPDATES = "ALTER TABLE profiles_session SET (fillfactor = 80)"


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0001_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='SessionLock',
            fields=[
                ('anchor', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='profiles.anchor')),
            ],
            options={
                'db_table': 'profiles_session_lock',
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('pk', models.CompositePrimaryKey('anchor_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField()),
                ('source_id', models.IntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('first_mark', models.SmallIntegerField()),
                ('last_mark', models.SmallIntegerField()),
                ('events', models.IntegerField()),
                ('pages', models.IntegerField()),
                ('entry_at', models.DateTimeField(null=True)),
                ('entry_page', models.TextField(null=True)),
                ('exit_at', models.DateTimeField(null=True)),
                ('exit_page', models.TextField(null=True)),
                ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text='what its events said of purposes, each kind once', null=True, size=None)),
                ('key', models.TextField(db_collation='C', null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('anchor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='sessions', to='profiles.anchor')),
            ],
            options={
                'db_table': 'profiles_session',
                'indexes': [models.Index(fields=['anchor', 'first_at'], name='profiles_session_time'), models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='profiles_session_due')],
            },
        ),
        migrations.RunSQL(VERSIONS, "DROP SEQUENCE profiles_combined_version"),
        migrations.RunSQL(ROOM_FOR_UPDATES, migrations.RunSQL.noop),
    ]
