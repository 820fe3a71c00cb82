"""What holds for a place on a day, such as its weather. It is about no person."""

from django.db import models


class ContextDay(models.Model):
    """The values of one data set for one postcode and day; a later delivery replaces them."""

    dataset = models.CharField(max_length=40)
    country = models.CharField(max_length=2, help_text="ISO 3166, two letters")
    postcode = models.CharField(max_length=16, help_text="In capitals, without spaces")
    day = models.DateField()
    values = models.JSONField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "country", "postcode"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "country", "postcode", "day"], name="context_day_unique"
            ),
        ]
        indexes = [models.Index(fields=["dataset", "-day", "-id"], name="context_day_latest")]

    def __str__(self) -> str:
        return f"{self.dataset} of {self.country} {self.postcode} on {self.day}"
