"""Reconciliations, their counts by hour and what they found."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cdp_site', '0002_scheduling'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('balanced', 'Balanced'), ('unbalanced', 'Not balanced'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=12)),
                ('asked_by', models.TextField()),
                ('asked_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('progressed_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('records', models.BigIntegerField(default=0, help_text='to read')),
                ('records_read', models.BigIntegerField(default=0)),
                ('since', models.DateTimeField(null=True)),
                ('findings', models.BigIntegerField(default=0)),
                ('trouble', models.TextField(default='')),
                ('topics', models.JSONField(default=dict)),
                ('downstream', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ReconciliationFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('passed_over', 'In the log and passed, but without any effect'), ('not_stored', 'Remembered as applied, but not in the timeline'), ('not_remembered', 'In the timeline, but not remembered: another delivery would apply it again'), ('not_logged', 'In the timeline, but no longer in the log, which should still hold it'), ('stored_twice', 'More than once in the timeline'), ('not_published', 'In the timeline, but never published for the consumers behind the builder'), ('not_applied', 'Published for the consumers behind the builder, but not in the timeline'), ('overtaken', 'Retention deleted records that the consumer had not read'), ('beyond_the_end', 'The log is shorter than what the consumer has read'), ('recreated', 'The topic was deleted and made anew since the consumer read it')], max_length=16)),
                ('minute', models.DateTimeField(help_text='when it was received', null=True)),
                ('source_id', models.IntegerField(default=0)),
                ('message_id', models.TextField(default='')),
                ('consumer', models.TextField(default='')),
                ('topic', models.TextField(default='')),
                ('partition', models.IntegerField(null=True)),
                ('offset', models.BigIntegerField(null=True)),
                ('records', models.BigIntegerField(default=1)),
                ('reconciliation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='found', to='cdp_site.reconciliation')),
            ],
        ),
        migrations.CreateModel(
            name='ReconciliationHour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('source_id', models.IntegerField()),
                ('topic', models.TextField()),
                ('applied', models.BigIntegerField()),
                ('dead_lettered', models.BigIntegerField()),
                ('suppressed', models.BigIntegerField()),
                ('pending', models.BigIntegerField()),
                ('missing', models.BigIntegerField()),
                ('duplicates', models.BigIntegerField()),
                ('reconciliation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='cdp_site.reconciliation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('reconciliation', 'hour', 'source_id', 'topic'), name='reconciliation_hour_once')],
            },
        ),
    ]
