"""How far the topics of combined records have been published anew."""

from django.db import models


class CombinedRebuild(models.Model):
    """One topic, published anew in `incarnation`: up to the row with the key `after`, or all of it when that is empty."""

    topic = models.TextField(primary_key=True)
    incarnation = models.IntegerField(default=1)
    after = models.JSONField(null=True)

    class Meta:
        db_table = "profiles_combined_rebuild"

    def __str__(self) -> str:
        return f"{self.topic} in incarnation {self.incarnation}"
