"""The sources of the events of each anchor, and a note of who does not keep them.

What is stored already is a gap, which a job makes good (profiles.domain.learning_sources): until then, and while processes of
the release before store events, who is known to a source is found out by the events as before.
"""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models.functions import Now

GAPS = """
INSERT INTO profiles_sourcegap (noted_at) SELECT now() WHERE EXISTS (SELECT FROM profiles_timeline);
CREATE FUNCTION profiles_note_source_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO profiles_sourcegap (noted_at) VALUES (now());
    RETURN NULL;
END $$;
CREATE TRIGGER profiles_sources_not_kept AFTER INSERT ON profiles_timeline FOR EACH STATEMENT
    WHEN (current_setting('headwater.keeps_sources', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION profiles_note_source_gap();
"""
NO_GAPS = """
DROP TRIGGER profiles_sources_not_kept ON profiles_timeline;
DROP FUNCTION profiles_note_source_gap();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0014_declarations'),
    ]

    operations = [
        migrations.CreateModel(
            name='SourceGap',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('noted_at', models.DateTimeField(db_default=Now())),
                ('cursor', models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='SourceDoubt',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('anchor_id', models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='anchor',
            name='sources',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.RunSQL(GAPS, NO_GAPS),
    ]
