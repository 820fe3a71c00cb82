"""Purposes for which data may be used, on which legal basis, and the texts that people were shown."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from compliance.enums import LegalBasis


class Purpose(models.Model):
    """One purpose. `aliases` are the names by which consent tools send it (`Advertising`, `C0004`).

    `needs_consent` follows from the legal basis; it is kept for processes of the release before, which read it.
    `objection_is_absolute`: who objects is heard whatever the basis is, as with direct marketing (GDPR Art. 21(2-3)).
    """

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=400, blank=True, default="", db_default="")
    legal_basis = models.CharField(
        max_length=20, choices=[(each.value, each.words) for each in LegalBasis],
        default=LegalBasis.CONSENT.value, db_default=LegalBasis.CONSENT.value,
    )  # fmt: skip
    objection_is_absolute = models.BooleanField(default=False, db_default=False)
    needs_consent = models.BooleanField(default=True)
    aliases = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    class Meta:
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name

    @property
    def basis(self) -> LegalBasis:
        """The legal basis."""
        return LegalBasis.stored(self.legal_basis, needs_consent=self.needs_consent)


class PurposeText(models.Model):
    """What people are shown when they are asked, from a day on. A text is never changed: another version follows it."""

    purpose = models.ForeignKey(Purpose, models.CASCADE, related_name="texts")
    version = models.CharField(max_length=40)
    text = models.TextField()
    since = models.DateField()

    class Meta:
        ordering = ("-since", "-id")
        constraints = [
            models.UniqueConstraint(fields=("purpose", "version"), name="compliance_purpose_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.version} of {self.purpose_id}"
