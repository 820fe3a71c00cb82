"""Roles: what members of staff may do, and which categories of personal data they may see."""

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models

from compliance.enums import Category, Operation
from compliance.forms import Forms


class Role(models.Model):
    """What the members of one Django group may do and see. The group carries the name, also for LDAP.

    Data of `categories` are shown clear, of `hashed` as pseudonyms, of `hidden` not at all, and of all others masked. With
    `purposes` its members only use data that may be used for one of them. Without `all_sources` they only see data of
    the sources that the group has been given (django-guardian, `compliance.objects`). Values that this release does not
    know (an older or newer one wrote them) give nothing.
    """

    group = models.OneToOneField(Group, models.CASCADE, related_name="role")
    description = models.CharField(max_length=200, blank=True, default="")
    requires_second_factor = models.BooleanField(default=False, db_default=False)
    operations = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    categories = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    hashed = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)
    hidden = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)
    purposes = ArrayField(models.CharField(max_length=40), default=list, db_default=[], blank=True)
    all_sources = models.BooleanField(default=True, db_default=True)

    class Meta:
        ordering = ("group__name",)

    def __str__(self) -> str:
        return self.group.name

    @property
    def allowed_operations(self) -> frozenset[Operation]:
        """What its members may do."""
        return known_operations(self.operations)

    @property
    def forms(self) -> Forms:
        """In which form its members see data of each category."""
        return known_forms(self.categories, self.hashed, self.hidden)


def known_operations(values: list[str]) -> frozenset[Operation]:
    """Those of the values that are operations of this release."""
    return frozenset(operation for operation in Operation if operation in values)


def known_forms(clear: list[str], hashed: list[str], hidden: list[str]) -> Forms:
    """The forms of those of the values that are categories of this release."""
    return Forms(
        *(frozenset(each for each in Category if each in values) for values in (clear, hashed, hidden))
    )
