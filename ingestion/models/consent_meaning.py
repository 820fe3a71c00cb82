"""What the names of consent tools mean in the events of a source."""

from django.db import models

from compliance.signals import Signal


class ConsentMeaning(models.Model):
    """That a name of a consent signal speaks of a purpose (its key) in the events of a source. Replaced as a whole."""

    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="meanings")
    signal = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Signal])
    name = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)

    class Meta:
        ordering = ["signal", "name", "purpose"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "signal", "name", "purpose"], name="consent_meaning_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} means {self.purpose}"
