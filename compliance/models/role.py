"""Roles: what members of staff may do, and which categories of personal data they may see."""

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models

from compliance.enums import Category, Operation


class Role(models.Model):
    """What the members of one Django group may do and see. The group carries the name, also for LDAP.

    Values that this release does not know (an older or newer one wrote them) give nothing.
    """

    group = models.OneToOneField(Group, models.CASCADE, related_name="role")
    description = models.CharField(max_length=200, blank=True, default="")
    operations = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    categories = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        ordering = ("group__name",)

    def __str__(self) -> str:
        return self.group.name

    @property
    def allowed_operations(self) -> frozenset[Operation]:
        """What its members may do."""
        return known_operations(self.operations)

    @property
    def allowed_categories(self) -> frozenset[Category]:
        """The categories of personal data that its members may see."""
        return known_categories(self.categories)


def known_operations(values: list[str]) -> frozenset[Operation]:
    """Those of the values that are operations of this release."""
    return frozenset(operation for operation in Operation if operation in values)


def known_categories(values: list[str]) -> frozenset[Category]:
    """Those of the values that are categories of this release."""
    return frozenset(category for category in Category if category in values)
