"""Identifiers of which nothing may be stored any more."""

from django.db import models


class SuppressedIdentifier(models.Model):
    """The keyed hash of one suppressed identifier. Rows are added and deleted, never changed.

    `key` is the fingerprint of the key that made the hash: rows of another key cannot be recognised any more.
    `together` is common to those that were suppressed as one person's, and leads to nobody.
    """

    id = models.BigAutoField(primary_key=True)
    namespace = models.CharField(max_length=40)
    hash = models.BinaryField()
    key = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    together = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("namespace", "hash"), name="compliance_suppressed_once")
        ]
        indexes = [
            models.Index(
                "together",
                name="compliance_suppressed_together",
                condition=models.Q(together__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"a suppressed {self.namespace}"
