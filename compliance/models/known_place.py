"""Where members of staff have signed in before."""

from django.db import models


class KnownPlace(models.Model):
    """A place (see `compliance.domain.lockout.place_of`) where somebody signed in with this name, a keyed hash."""

    name = models.CharField(max_length=32)
    place = models.GenericIPAddressField()
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["name", "place"], name="compliance_knownplace_one"),)

    def __str__(self) -> str:
        return f"{self.name} at {self.place}"
