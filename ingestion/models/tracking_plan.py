"""What a source should send: a tracking plan with its versions, and what broke it."""

from django.db import models


class TrackingPlan(models.Model):
    """The plan of a source. `draft` is worked on; `published` is the version that holds, none while it is off."""

    source = models.OneToOneField("ingestion.Source", on_delete=models.PROTECT, related_name="tracking_plan")
    draft = models.JSONField(default=dict)
    draft_changed_at = models.DateTimeField()
    published = models.ForeignKey(
        "ingestion.PlanVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["source_id"]

    def __str__(self) -> str:
        return f"plan of source {self.source_id}"


class PlanVersion(models.Model):
    """A plan as it was published once; never changed."""

    plan = models.ForeignKey(TrackingPlan, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    document = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=150)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_unique")]

    def __str__(self) -> str:
        return f"version {self.number}"


class PlanViolation(models.Model):
    """How often a rule of a plan was broken on a day, and the last message that broke it."""

    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    action = models.CharField(max_length=16)
    day = models.DateField()
    events = models.BigIntegerField()
    last_at = models.DateTimeField()
    message_id = models.CharField(max_length=100, help_text="Of the last one")

    class Meta:
        ordering = ["-day", "-events"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "day", "type", "name", "reason", "action"], name="plan_violation_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.events} of {self.reason}"
