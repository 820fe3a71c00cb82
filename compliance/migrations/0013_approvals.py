"""What takes a second person, and what was asked for."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0012_directory'),
    ]

    operations = [
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('payload', models.JSONField()),
                ('digest', models.CharField(max_length=32)),
                ('target', models.CharField(max_length=200)),
                ('why', models.CharField(max_length=400)),
                ('link', models.CharField(blank=True, default='', max_length=200)),
                ('asker', models.CharField(max_length=200)),
                ('asked_by', models.CharField(max_length=150)),
                ('behind', models.CharField(max_length=150)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('decided_by', models.CharField(blank=True, default='', max_length=150)),
                ('decided_why', models.CharField(blank=True, default='', max_length=400)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('use_until', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], condition=models.Q(('state__in', ['waiting', 'approved'])), name='compliance_approval_open'), models.Index(fields=['behind', '-id'], name='compliance_approval_of')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalPolicy',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, db_default=[], default=list, size=None)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='compliance_approval_policy_is_one')],
            },
        ),
    ]
