"""Open sessions of members of staff: one row beside each session of Django's."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class UserSession(models.Model):
    """One browser in which somebody is signed in. Without this row its cookie opens nothing.

    The key stands in it as a hash; the browser in plain words, such as "Firefox on Windows". `seen_at` is
    right to the minute. `proved_at` is when they last gave a password or a code, `second_factor_at` when a code.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="open_sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    second_factor_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=45, blank=True, default="", db_default="")
    browser = models.CharField(max_length=60, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"{self.browser} since {self.started_at:%Y-%m-%d %H:%M}"
