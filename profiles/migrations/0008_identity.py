"""Rules by hand, decisions, reviews, households, consents, and what the background recomputation needs."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

DO_NOTHING = django.db.models.deletion.DO_NOTHING

CAUSES = [('event', 'event'), ('decision', 'decision'), ('rule', 'rule'), ('import', 'import'), ('recompute', 'recompute')]

# Whoever writes a rule raises the version, by whatever way.
VERSION = """
INSERT INTO profiles_rulesversion (id, version) VALUES (1, 1);
CREATE FUNCTION profiles_raise_rules_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO profiles_rulesversion AS v (id, version) VALUES (1, 1)
    ON CONFLICT (id) DO UPDATE SET version = v.version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER profiles_rules_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON profiles_namespace
    FOR EACH STATEMENT EXECUTE FUNCTION profiles_raise_rules_version();
CREATE TRIGGER profiles_rules_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON profiles_lifecyclerule
    FOR EACH STATEMENT EXECUTE FUNCTION profiles_raise_rules_version();
"""
NO_VERSION = """
DROP TRIGGER profiles_rules_changed ON profiles_namespace;
DROP TRIGGER profiles_rules_changed ON profiles_lifecyclerule;
DROP FUNCTION profiles_raise_rules_version();
"""

# Rows that are renewed in place get room for it on their page, so that their indexes stay as they are.
ROOM_FOR_UPDATES = """
ALTER TABLE profiles_household SET (fillfactor = 80);
ALTER TABLE profiles_group_trait_version SET (fillfactor = 85);
ALTER TABLE profiles_consent SET (fillfactor = 85);
ALTER TABLE profiles_degree SET (fillfactor = 85);
"""

# The release before this one does not know these words.
FORMER_WORDS = """
DELETE FROM profiles_evidence WHERE rule IN ('implied', 'content');
UPDATE profiles_evidence SET rule = 'event' WHERE rule = 'verified';
UPDATE profiles_evidence SET state = 'ignored' WHERE state IN ('pending', 'beside', 'proposed');
"""


def _key(to, name='+', **given):
    return models.ForeignKey(db_constraint=False, db_index=False, on_delete=DO_NOTHING, related_name=name, to=to, **given)


def _own(to, name='+'):
    return models.OneToOneField(
        db_constraint=False, on_delete=DO_NOTHING, primary_key=True, related_name=name, serialize=False, to=to
    )


def _texts(length):
    field = models.CharField(max_length=length)
    return django.contrib.postgres.fields.ArrayField(base_field=field, blank=True, db_default=[], default=list, size=None)


def _links(**given):
    field = models.BigIntegerField()
    return django.contrib.postgres.fields.ArrayField(base_field=field, default=list, size=None, **given)


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0007_timeline_received'),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, FORMER_WORDS),
        migrations.AddField('namespace', 'shared_patterns', _texts(200)),
        migrations.AddField('namespace', 'verified_paths', _texts(120)),
        migrations.AddField('namespace', 'content', models.CharField(
            choices=[('off', 'off'), ('propose', 'propose'), ('join', 'join')], db_default='off', default='off', max_length=8,
        )),
        migrations.AddField('namespace', 'content_patterns', _texts(200)),
        migrations.CreateModel(
            name='RulesVersion',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(default=1)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='profiles_one_rules_version')],
            },
        ),
        migrations.RunSQL(VERSION, NO_VERSION),
        migrations.AddField('identifier', 'present', models.BooleanField(db_default=True, default=True)),
        migrations.AddField('evidence', 'via', _key('profiles.identifier', null=True)),
        migrations.AddField('evidence', 'place', models.CharField(db_default='', default='', max_length=120)),
        migrations.AddField('evidence', 'decided_at', models.DateTimeField(null=True)),
        migrations.AddField('evidence', 'withdrawn_by', models.CharField(db_default='', default='', max_length=150)),
        migrations.AddField('evidence', 'withdrawn_at', models.DateTimeField(null=True)),
        migrations.AddField('evidence', 'withdrawn_why', models.CharField(db_default='', default='', max_length=200)),
        migrations.AlterField('evidence', 'decided_by', models.CharField(
            db_default='', default='', help_text='the member of staff behind a decision', max_length=150,
        )),
        migrations.AlterField('evidence', 'rule', models.CharField(
            choices=[
                ('verified', 'verified'), ('event', 'event'), ('alias', 'alias'),
                ('implied', 'implied'), ('content', 'content'), ('merge', 'merge'), ('keep_apart', 'keep_apart'),
            ],
            max_length=12,
        )),
        migrations.AlterField('evidence', 'state', models.CharField(
            choices=[
                ('accepted', 'accepted'), ('refused', 'refused'), ('attached', 'attached'), ('ignored', 'ignored'),
                ('withdrawn', 'withdrawn'), ('pending', 'pending'), ('beside', 'beside'), ('proposed', 'proposed'),
            ],
            max_length=12,
        )),
        migrations.AddField('cluster', 'decisions', models.IntegerField(db_default=0, default=0)),
        migrations.AddField('cluster', 'last_rank', models.SmallIntegerField(null=True)),
        migrations.AddField('cluster', 'last_priority', models.SmallIntegerField(null=True)),
        migrations.AddField('cluster', 'last_time', models.DateTimeField(null=True)),
        migrations.AddField('cluster', 'last_source', models.IntegerField(null=True)),
        migrations.AddField('cluster', 'last_message', models.TextField(db_collation='C', null=True)),
        migrations.AddField('cluster', 'due_at', models.DateTimeField(null=True)),
        migrations.AddField('cluster', 'why', models.CharField(db_default='', default='', max_length=60)),
        migrations.AddField('cluster', 'done', models.IntegerField(db_default=0, default=0)),
        migrations.AddField('cluster', 'total', models.IntegerField(db_default=0, default=0)),
        migrations.AddField('cluster', 'lease_owner', models.UUIDField(null=True)),
        migrations.AddField('cluster', 'lease_until', models.DateTimeField(null=True)),
        migrations.AddField('cluster', 'failed', models.TextField(
            db_default='', default='', help_text='why the last attempt ended',
        )),
        migrations.AddField('merge', 'cause', models.CharField(choices=CAUSES, db_default='event', default='event', max_length=12)),
        migrations.AddField('merge', 'change_id', models.BigIntegerField(null=True)),
        migrations.AddField('merge', 'decided_by', models.CharField(db_default='', default='', max_length=150)),
        migrations.AddField('builderminute', 'merges', models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField('builderminute', 'splits', models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField('builderminute', 'refused', models.BigIntegerField(
            db_default=0, default=0, help_text='links that a rule forbade',
        )),
        migrations.AddField('builderminute', 'content', models.BigIntegerField(
            db_default=0, default=0, help_text='identifiers found in texts',
        )),
        migrations.CreateModel(
            name='Split',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source', models.UUIDField(db_index=True)),
                ('target', models.UUIDField(db_index=True, null=True)),
                ('anchors', models.IntegerField(help_text='how many went')),
                ('evidence', _links(db_default=[])),
                ('split_at', models.DateTimeField()),
                ('cause', models.CharField(choices=CAUSES, db_default='event', default='event', max_length=12)),
                ('change_id', models.BigIntegerField(null=True)),
                ('decided_by', models.CharField(db_default='', default='', max_length=150)),
                ('why', models.TextField(db_default='', default='')),
            ],
        ),
        migrations.CreateModel(
            name='RuleChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('state', models.CharField(
                    choices=[
                        ('draft', 'draft'), ('measuring', 'measuring'), ('ready', 'ready'), ('applying', 'applying'),
                        ('done', 'done'), ('cancelled', 'cancelled'),
                    ],
                    db_index=True, default='draft', max_length=12,
                )),
                ('rules_version', models.BigIntegerField(help_text='the rules that the dry run was made with', null=True)),
                ('merges', models.IntegerField(default=0)),
                ('splits', models.IntegerField(default=0)),
                ('reviews', models.IntegerField(default=0)),
                ('people', models.IntegerField(default=0)),
                ('examples', models.JSONField(default=list, help_text='at most 20: {kind, ids, sentence}')),
                ('measured_at', models.DateTimeField(null=True)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('applied_by', models.CharField(default='', max_length=150)),
                ('applied_at', models.DateTimeField(null=True)),
                ('done', models.IntegerField(default=0)),
                ('total', models.IntegerField(default=0)),
                ('cursor', models.JSONField(null=True)),
                ('lease_owner', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('failed', models.TextField(default='', help_text='why the last attempt ended')),
                ('namespace', models.ForeignKey(
                    db_constraint=False, null=True, on_delete=DO_NOTHING, to='profiles.namespace',
                )),
            ],
        ),
        migrations.CreateModel(
            name='Degree',
            fields=[
                ('identifier', _own('profiles.identifier')),
                ('links', models.IntegerField()),
                ('measured_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(models.F('links'), models.F('identifier'), name='profiles_degree_links')],
            },
        ),
        migrations.CreateModel(
            name='DegreeMark',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('evidence_id', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='profiles_one_degree_mark')],
            },
        ),
        migrations.CreateModel(
            name='BlockProposal',
            fields=[
                ('identifier', _own('profiles.identifier', 'block_proposal')),
                ('people', models.IntegerField()),
                ('links', models.IntegerField()),
                ('why', models.CharField(max_length=60)),
                ('state', models.CharField(
                    choices=[('open', 'open'), ('blocked', 'blocked'), ('kept', 'kept')],
                    db_index=True, default='open', max_length=8,
                )),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.CharField(default='', max_length=150)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='BlockedHit',
            fields=[
                ('pk', models.CompositePrimaryKey(
                    'day', 'namespace_id', 'value', 'worker', blank=True, editable=False, primary_key=True, serialize=False,
                )),
                ('day', models.DateField()),
                ('value', models.TextField(db_collation='C')),
                ('worker', models.IntegerField(help_text="the process id of the builder's database session")),
                ('hits', models.BigIntegerField()),
                ('namespace', models.ForeignKey(
                    db_constraint=False, db_index=False, on_delete=DO_NOTHING, to='profiles.namespace',
                )),
            ],
            options={
                'db_table': 'profiles_blockedhit',
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('evidence', _own('profiles.evidence', 'review')),
                ('decision', models.CharField(
                    choices=[('merged', 'merged'), ('apart', 'apart'), ('later', 'later')], max_length=8,
                )),
                ('decision_id', models.BigIntegerField(null=True)),
                ('until', models.DateTimeField(null=True)),
                ('by', models.CharField(max_length=150)),
                ('at', models.DateTimeField(db_index=True)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('identifier', _own('profiles.identifier', 'household')),
                ('public_id', models.UUIDField(unique=True)),
                ('traits', models.JSONField(db_default={}, default=dict)),
                ('provenance', models.JSONField(db_default={}, default=dict, help_text='as of a profile')),
                ('version', models.BigIntegerField(db_default=0, default=0)),
            ],
        ),
        migrations.CreateModel(
            name='GroupTraitVersion',
            fields=[
                ('pk', models.CompositePrimaryKey(
                    'identifier_id', 'key', 'source_id', 'import_id',
                    blank=True, editable=False, primary_key=True, serialize=False,
                )),
                ('key', models.TextField(db_collation='C')),
                ('source_id', models.IntegerField()),
                ('import_id', models.BigIntegerField(default=0)),
                ('value', models.JSONField(null=True)),
                ('timestamp', models.DateTimeField()),
                ('message_id', models.TextField(db_collation='C')),
                ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('identifier', _key('profiles.identifier')),
            ],
            options={
                'db_table': 'profiles_group_trait_version',
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('pk', models.CompositePrimaryKey(
                    'anchor_id', 'purpose', 'source_id', 'import_id',
                    blank=True, editable=False, primary_key=True, serialize=False,
                )),
                ('purpose', models.TextField(db_collation='C')),
                ('source_id', models.IntegerField()),
                ('import_id', models.BigIntegerField(default=0)),
                ('granted', models.BooleanField()),
                ('timestamp', models.DateTimeField()),
                ('message_id', models.TextField(db_collation='C')),
                ('anchor', _key('profiles.anchor', 'consents')),
            ],
            options={
                'db_table': 'profiles_consent',
            },
        ),
        migrations.RunSQL(ROOM_FOR_UPDATES, migrations.RunSQL.noop),
    ]
