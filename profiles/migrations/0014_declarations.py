"""What people declared through the API or to staff, and the history of consents by day: tables of their own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0013_undo'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentDay',
            fields=[
                ('pk', models.CompositePrimaryKey('anchor_id', 'purpose', 'day', 'granted', 'source_id', 'import_id', 'text_version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.TextField(db_collation='C')),
                ('day', models.DateField()),
                ('granted', models.BooleanField()),
                ('source_id', models.IntegerField()),
                ('import_id', models.BigIntegerField(default=0)),
                ('text_version', models.CharField(db_default='', default='', max_length=40)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('message_id', models.TextField(db_collation='C')),
                ('anchor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='profiles.anchor')),
            ],
            options={
                'db_table': 'profiles_consent_day',
            },
        ),
        migrations.CreateModel(
            name='Declaration',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('act', models.UUIDField()),
                ('kind', models.CharField(choices=[('consent', 'consent'), ('objection', 'objection'), ('restriction', 'restriction')], max_length=12)),
                ('purpose', models.CharField(default='', max_length=40)),
                ('holds', models.BooleanField(help_text='false: it is refused, withdrawn or lifted')),
                ('origin', models.CharField(choices=[('api', 'api'), ('staff', 'staff')], max_length=8)),
                ('by', models.CharField(max_length=150)),
                ('text_version', models.CharField(default='', max_length=40)),
                ('reason', models.CharField(default='', max_length=200)),
                ('proof', models.TextField(default='')),
                ('said_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('anchor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='profiles.anchor')),
            ],
            options={
                'indexes': [models.Index(fields=['anchor', 'kind', 'purpose', '-id'], name='profiles_declaration_anchor')],
            },
        ),
    ]
