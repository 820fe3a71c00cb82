"""The clock of visits."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0004_behaviour'),
    ]

    operations = [
        migrations.CreateModel(
            name='SessionClock',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('upto', models.DateTimeField(null=True)),
                ('waiting', models.JSONField(help_text='see streaming.domain.following', null=True)),
            ],
            options={
                'db_table': 'profiles_session_clock',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='profiles_one_session_clock')],
            },
        ),
    ]
