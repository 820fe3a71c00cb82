"""How many people there were, hour by hour: for the lines and comparisons of Home."""

from django.db import models


class PeopleTally(models.Model):
    """The count of one hour, as it was when somebody last looked in it."""

    hour = models.DateTimeField(primary_key=True)
    total = models.BigIntegerField()
    identified = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.total} at {self.hour:%Y-%m-%d %H:%M}"
