"""Namespaces: the kinds of identifiers, and the rules for each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.enums import ContentUse, Level


class Namespace(models.Model):
    """One kind of identifier. Changing a row changes who is one person, so it goes with a recomputation.

    `priority` 1 is the strongest. `limit` bounds the values per profile: ever, or within `limit_days` of event
    time. Two values of a `unique` namespace never share a profile. A value of a `shareable` one stops joining
    people once it was seen with two values of a unique namespace, and one that `shared_patterns` match never joins
    any. `paths` say where in an event it stands: `traits.email`, or parts joined by `+`. A true value at one of
    `verified_paths` makes the event's links verified. `content` says what values do that were found in texts.

    Each write raises `RulesVersion`, by a trigger.
    """

    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=12, choices=[(level.value, level.value) for level in Level])
    priority = models.PositiveSmallIntegerField()
    limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="values per profile; empty: no limit"
    )
    limit_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="the limit's window; empty: ever"
    )
    unique = models.BooleanField(default=False)
    shareable = models.BooleanField(default=False)
    normaliser = models.CharField(max_length=40, default="text")
    paths = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    blocked_values = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    blocked_patterns = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    shared_patterns = ArrayField(models.CharField(max_length=200), default=list, db_default=[], blank=True)
    verified_paths = ArrayField(models.CharField(max_length=120), default=list, db_default=[], blank=True)
    content = models.CharField(
        max_length=8,
        choices=[(use.value, use.value) for use in ContentUse],
        default=ContentUse.OFF.value,
        db_default=ContentUse.OFF.value,
    )
    content_patterns = ArrayField(models.CharField(max_length=200), default=list, db_default=[], blank=True)

    class Meta:
        ordering = ("priority",)

    def __str__(self) -> str:
        return self.key


class LifecycleRule(models.Model):
    """The one row that says when a person is a prospect, a customer, or no longer one.

    A customer has one of `customer_events` within `former_after_days`; a former customer had one before; a
    prospect has an identifier of a person-level namespace; everyone else is a visitor.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    customer_events = ArrayField(models.CharField(max_length=200), default=list)
    former_after_days = models.PositiveIntegerField(default=365)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="profiles_one_lifecycle_rule")]

    def __str__(self) -> str:
        return f"customer within {self.former_after_days} days of {', '.join(self.customer_events)}"


class RulesVersion(models.Model):
    """The one row that each write of a rule raises: who has read the rules of this version need not read them again."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="profiles_one_rules_version")]

    def __str__(self) -> str:
        return f"rules {self.version}"
