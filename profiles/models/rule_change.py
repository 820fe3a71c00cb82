"""Changes of the rules of identity: measured before they are applied, and followed until everybody is decided."""

from django.db import models

from profiles.enums import ChangeState
from profiles.models.namespace import Namespace


class RuleChange(models.Model):
    """One change of a namespace (of all, when empty), from `before` to `after`.

    `merges`, `splits`, `reviews` and `people` are what the dry run counted and `examples` some of it, by ids only.
    While it is applied, `cursor` says how far the job is, which has done `done` of `total`.
    """

    id = models.BigAutoField(primary_key=True)
    namespace = models.ForeignKey(Namespace, models.DO_NOTHING, null=True, db_constraint=False)
    before = models.JSONField()
    after = models.JSONField()
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in ChangeState],
        default=ChangeState.DRAFT.value,
        db_index=True,
    )
    rules_version = models.BigIntegerField(null=True, help_text="the rules that the dry run was made with")
    merges = models.IntegerField(default=0)
    splits = models.IntegerField(default=0)
    reviews = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    examples = models.JSONField(default=list, help_text="at most 20: {kind, ids, sentence}")
    measured_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    applied_by = models.CharField(max_length=150, default="")
    applied_at = models.DateTimeField(null=True)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    cursor = models.JSONField(null=True)
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    failed = models.TextField(default="", help_text="why the last attempt ended")

    def __str__(self) -> str:
        return f"rule change {self.id}, {self.state}"
