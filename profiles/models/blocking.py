"""Values that link too many people: how many links each has, which ought to be blocked, how often blocked ones come."""

from django.db import models

from profiles.enums import ProposalState
from profiles.models.identity import Identifier
from profiles.models.namespace import Namespace


class Degree(models.Model):
    """How many links an identifier has, as last counted."""

    identifier = models.OneToOneField(
        Identifier, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    links = models.IntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("links", "identifier", name="profiles_degree_links")]

    def __str__(self) -> str:
        return f"{self.links} links of identifier {self.identifier_id}"


class DegreeMark(models.Model):
    """The one row that says up to which evidence links are counted."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    evidence_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="profiles_one_degree_mark")]

    def __str__(self) -> str:
        return f"counted up to evidence {self.evidence_id}"


class BlockProposal(models.Model):
    """A value that links suspiciously many people, for staff to block or to keep."""

    identifier = models.OneToOneField(
        Identifier, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="block_proposal"
    )
    people = models.IntegerField()
    links = models.IntegerField()
    why = models.CharField(max_length=60)
    state = models.CharField(
        max_length=8,
        choices=[(state.value, state.value) for state in ProposalState],
        default=ProposalState.OPEN.value,
        db_index=True,
    )
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="")
    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"proposal to block identifier {self.identifier_id}"


class BlockedHit(models.Model):
    """How often a blocked value came on a day. `worker` is a database session, so that no two add to one row."""

    pk = models.CompositePrimaryKey("day", "namespace_id", "value", "worker")
    day = models.DateField()
    namespace = models.ForeignKey(Namespace, models.DO_NOTHING, db_constraint=False, db_index=False)
    value = models.TextField(db_collation="C")
    worker = models.IntegerField(help_text="the process id of the builder's database session")
    hits = models.BigIntegerField()

    class Meta:
        db_table = "profiles_blockedhit"

    def __str__(self) -> str:
        return f"{self.hits} hits on {self.day}"
