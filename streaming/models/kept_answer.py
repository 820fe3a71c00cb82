"""What callers of the REST API were answered, kept a while so that a request sent again has its effect once."""

from django.db import models


class KeptAnswer(models.Model):
    """The answer to one request that carried an Idempotency-Key.

    `key` is a keyed digest of who asked and the key, `request` one of what was asked: neither can be read back.
    """

    key = models.BinaryField(primary_key=True)
    request = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "api_kept_answer"

    def __str__(self) -> str:
        return f"{self.status} at {self.at}"
