"""What people do on social networks."""

from django.db import migrations, models

# Rows that are renewed in place get room for it on their page.
ROOM_FOR_UPDATES = """
ALTER TABLE profiles_social_account SET (fillfactor = 70);
ALTER TABLE profiles_social_item SET (fillfactor = 90);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0002_sessions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SocialAccount',
            fields=[
                ('pk', models.CompositePrimaryKey('anchor', 'network', blank=True, editable=False, primary_key=True, serialize=False)),
                ('anchor', models.UUIDField()),
                ('network', models.TextField(db_collation='C')),
                ('handle', models.JSONField(null=True)),
                ('followers', models.JSONField(null=True)),
                ('totals', models.JSONField(null=True)),
            ],
            options={
                'db_table': 'profiles_social_account',
            },
        ),
        migrations.CreateModel(
            name='SocialItem',
            fields=[
                ('pk', models.CompositePrimaryKey('anchor', 'network', 'subject', 'target', blank=True, editable=False, primary_key=True, serialize=False)),
                ('anchor', models.UUIDField()),
                ('network', models.TextField(db_collation='C')),
                ('subject', models.SmallIntegerField()),
                ('target', models.UUIDField()),
                ('at', models.BigIntegerField(help_text='microseconds since 2000')),
                ('message', models.UUIDField()),
                ('kind', models.SmallIntegerField(help_text='negative when it was taken back')),
                ('sentiment', models.SmallIntegerField(help_text='in thousandths', null=True)),
                ('reach', models.BigIntegerField()),
            ],
            options={
                'db_table': 'profiles_social_item',
            },
        ),
        migrations.RunSQL(ROOM_FOR_UPDATES, migrations.RunSQL.noop),
    ]
