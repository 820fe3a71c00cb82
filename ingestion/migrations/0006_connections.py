"""Connections to other systems, their streams and runs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ingestion', '0005_rejection_message'),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('kind', models.CharField(help_text='The kind of source, see ingestion.sources.registry', max_length=50)),
                ('settings', models.JSONField(default=dict, help_text='What the form of the kind asks for, but the secrets')),
                ('secrets', models.TextField(blank=True, help_text='Encrypted (compliance.secrets)')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=150)),
                ('failures', models.PositiveIntegerField(default=0, help_text='In a row')),
                ('trouble', models.TextField(blank=True, help_text='What the last failure was, and what would help')),
                ('retry_at', models.DateTimeField(blank=True, null=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='connections', to='ingestion.source')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Stream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='As the source calls it', max_length=200)),
                ('mode', models.CharField(max_length=16)),
                ('columns', models.JSONField(help_text='The chosen columns as they were when they were chosen')),
                ('left_out', models.JSONField(default=list, help_text='The names of the columns that were not chosen')),
                ('key', models.JSONField(help_text='Names of the columns that tell rows apart')),
                ('cursor', models.CharField(blank=True, max_length=200)),
                ('look_back', models.PositiveIntegerField(default=0)),
                ('starts_at', models.CharField(blank=True, help_text='Where the first run begins', max_length=100)),
                ('mapping', models.JSONField()),
                ('state', models.JSONField(blank=True, null=True)),
                ('is_whole', models.BooleanField(default=False)),
                ('drift', models.JSONField(default=list, help_text="How the source's columns differ from those chosen")),
                ('every_seconds', models.PositiveIntegerField(blank=True, null=True)),
                ('crontab', models.CharField(blank=True, max_length=100)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='streams', to='ingestion.connection')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ConnectionRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('schedule', 'Schedule'), ('person', 'By hand'), ('backfill', 'Backfill')], max_length=16)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=16)),
                ('failure', models.TextField(blank=True, help_text='Why it failed or waits, and what would help')),
                ('notes', models.JSONField(default=list, help_text='Sentences of the report')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=150)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('position', models.JSONField(blank=True, null=True)),
                ('rows_per_second', models.PositiveIntegerField(blank=True, help_text='No more than so many', null=True)),
                ('expected', models.BigIntegerField(blank=True, help_text='About how many rows there are', null=True)),
                ('read', models.BigIntegerField(default=0)),
                ('accepted', models.BigIntegerField(default=0, help_text='Events that are in the log')),
                ('rejected', models.BigIntegerField(default=0)),
                ('suppressed', models.BigIntegerField(default=0)),
                ('running_seconds', models.FloatField(default=0)),
                ('lease_owner', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('stream', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='ingestion.stream')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ConnectionRowError',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.BigIntegerField(help_text='In the order of reading')),
                ('line', models.BigIntegerField(default=0, help_text='Where the source has lines')),
                ('reason', models.CharField(max_length=300)),
                ('raw', models.TextField(help_text='The beginning of the row')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='row_errors', to='ingestion.connectionrun')),
            ],
            options={
                'ordering': ['row'],
                'constraints': [models.UniqueConstraint(fields=('run', 'row'), name='connection_row_error_unique')],
            },
        ),
        migrations.AddConstraint(
            model_name='stream',
            constraint=models.UniqueConstraint(fields=('connection', 'name'), name='stream_unique'),
        ),
        migrations.AddIndex(
            model_name='connectionrun',
            index=models.Index(fields=['stream', '-id'], name='connection_run_of_stream'),
        ),
        migrations.AddIndex(
            model_name='connectionrun',
            index=models.Index(condition=models.Q(('state__in', ['queued', 'running'])), fields=['state'], name='connection_run_open'),
        ),
        migrations.AddConstraint(
            model_name='connectionrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running']), models.Q(('cause', 'backfill'), _negated=True)), fields=('stream',), name='connection_run_single'),
        ),
        migrations.AddConstraint(
            model_name='connectionrun',
            constraint=models.UniqueConstraint(condition=models.Q(('cause', 'backfill'), ('state__in', ['queued', 'running'])), fields=('stream',), name='connection_run_single_backfill'),
        ),
    ]
