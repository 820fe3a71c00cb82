"""Purposes for which data may be used."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Purpose(models.Model):
    """One purpose. `aliases` are the names by which consent tools send it (`Advertising`, `C0004`)."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    needs_consent = models.BooleanField(default=True)
    aliases = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    class Meta:
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name
