"""API tokens: what programs present instead of a password."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from compliance.enums import Operation
from compliance.forms import Forms
from compliance.models.role import known_forms, known_operations


class ApiToken(models.Model):
    """One token. Only a hash of the secret is kept, which is random and long enough to need no salt.

    Data of `categories` are shown clear, of `hashed` as pseudonyms, of `hidden` not at all, of all others masked. With a
    `purpose` it may only use data that may be used for it, with `sources` (ids) only see what came through these.
    `last_used_at` is coarse: it is written at most once in some minutes.
    """

    name = models.CharField(max_length=80)
    hash = models.BinaryField(unique=True)
    prefix = models.CharField(max_length=12, help_text="how the secret begins, to tell tokens apart")
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    categories = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    hashed = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)
    hidden = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)
    sources = ArrayField(models.BigIntegerField(), null=True, blank=True)
    purpose = models.SlugField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def operations(self) -> frozenset[Operation]:
        """What it may do."""
        return known_operations(self.scopes)

    @property
    def forms(self) -> Forms:
        """In which form it sees data of each category."""
        return known_forms(self.categories, self.hashed, self.hidden)
