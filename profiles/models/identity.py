"""Identifiers, the evidence that links them, and the anchors that facts belong to."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from profiles.enums import EvidenceRule, EvidenceState
from profiles.models.namespace import Namespace
from profiles.models.profile import Profile


class Identifier(models.Model):
    """A node: one normalised value of a namespace.

    `profile` caches the result of resolution; it is empty for values that join nobody (blocked, shared, group,
    household). `shared` says that the value was seen with two values of a unique namespace. `present` is false for a
    user id that only alias calls have named: it is nobody until it stands in an event itself.
    """

    id = models.BigAutoField(primary_key=True)
    namespace = models.ForeignKey(Namespace, models.DO_NOTHING, db_constraint=False, db_index=False)
    value = models.TextField(db_collation="C")
    profile = models.ForeignKey(
        Profile, models.DO_NOTHING, null=True, db_constraint=False, related_name="identifiers"
    )
    shared = models.BooleanField(default=False)
    present = models.BooleanField(default=True, db_default=True)
    first_seen = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("namespace", "value"), name="profiles_identifier_value")
        ]

    def __str__(self) -> str:
        return f"identifier {self.id}"


_IS_DECISION = models.Q(rule__in=[EvidenceRule.MERGE.value, EvidenceRule.KEEP_APART.value])


class Evidence(models.Model):
    """An edge: identifiers `a` and `b` stood together, by this rule, from this source or import.

    Append-only: only the order key of the earliest event may fall, and the state follows resolution. The events
    behind it are the timeline rows that name it in `evidence`. `key` is a digest of (a, b, rule, source, import), and
    of `via` and `place` where there are such: the stronger identifier that an implied link stood beside, and the path
    of the text in which a value was found.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.BinaryField(unique=True)
    a = models.ForeignKey(Identifier, models.DO_NOTHING, db_constraint=False, related_name="evidence_from")
    b = models.ForeignKey(Identifier, models.DO_NOTHING, db_constraint=False, related_name="evidence_to")
    rule = models.CharField(max_length=12, choices=[(rule.value, rule.value) for rule in EvidenceRule])
    source_id = models.IntegerField()
    import_id = models.BigIntegerField(default=0)
    event_time = models.DateTimeField(
        help_text="of the earliest event; with source and message its order key"
    )
    message_id = models.TextField(db_collation="C")
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in EvidenceState])
    refused_by = models.CharField(max_length=60, default="", help_text="the rule that refused it")
    decided_by = models.CharField(
        max_length=150, default="", db_default="", help_text="the member of staff behind a decision"
    )
    decided_at = models.DateTimeField(null=True)
    via = models.ForeignKey(
        Identifier, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    place = models.CharField(max_length=120, default="", db_default="")
    withdrawn_by = models.CharField(max_length=150, default="", db_default="")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(
                "id",
                name="profiles_evidence_review",
                condition=models.Q(state__in=[EvidenceState.REFUSED.value, EvidenceState.PROPOSED.value]),
            ),
            models.Index(
                "id", name="profiles_evidence_pending", condition=models.Q(state=EvidenceState.PENDING.value)
            ),
            models.Index("import_id", name="profiles_evidence_import", condition=models.Q(import_id__gt=0)),
            models.Index("a", name="profiles_evidence_decision_a", condition=_IS_DECISION),
            models.Index("b", name="profiles_evidence_decision_b", condition=_IS_DECISION),
        ]

    def __str__(self) -> str:
        return f"{self.rule} evidence {self.id}"


class Anchor(models.Model):
    """What facts belong to, for ever: the interned (anonymous_id, user_id) of events, or another identifier.

    `birth_id` is random, never reused, and leads to whoever holds the anchor now. `home` is the identifier that
    the anchor lives with (its user_id, else its anonymous_id, else `other`; empty when none is usable, and then
    it belongs to nobody). `key` is a digest of the pair. Each move to another profile raises `mapping_version`. `sources`
    are those of its events, in order, unless there is a gap (SourceGap).
    """

    id = models.BigAutoField(primary_key=True)
    key = models.BinaryField(unique=True)
    birth_id = models.UUIDField(unique=True)
    anonymous = models.ForeignKey(
        Identifier, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    user = models.ForeignKey(
        Identifier, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    other = models.ForeignKey(
        Identifier, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    home = models.ForeignKey(
        Identifier, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="anchors"
    )
    profile = models.ForeignKey(
        Profile, models.DO_NOTHING, null=True, db_constraint=False, related_name="anchors"
    )
    live_id = models.UUIDField(
        null=True, help_text="the public id of the profile, so that events need not ask it"
    )
    mapping_version = models.IntegerField(default=1)
    first_seen = models.DateTimeField()
    sources = ArrayField(models.IntegerField(), default=list, db_default=[])

    class Meta:
        indexes = [
            # Read by searches, for which a list of what is pending would have to be read too.
            GinIndex(fields=["sources"], name="profiles_anchor_sources", fastupdate=False),
            models.Index("home", name="profiles_anchor_of_nobody", condition=models.Q(profile__isnull=True)),
            models.Index("user", name="profiles_anchor_user", condition=models.Q(user__isnull=False)),
            models.Index(
                "anonymous", name="profiles_anchor_anonymous", condition=models.Q(anonymous__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.birth_id)
