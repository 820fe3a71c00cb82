"""What is known of a user whose password is ours: when it was set, and which ones they had."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class LocalAccount(models.Model):
    """Beside a user that has a password of ours. Users without a row are as its defaults say."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="local_account"
    )
    password_set_at = models.DateTimeField(db_default=Now())
    must_change_password = models.BooleanField(default=False, db_default=False)
    is_break_glass = models.BooleanField(default=False, db_default=False)
    break_glass_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"account {self.pk}"

    @property
    def must_be_renewed(self) -> bool:
        """Whether it is a break-glass account whose password was used."""
        used = self.break_glass_used_at
        return self.is_break_glass and used is not None and used >= self.password_set_at


class FormerPassword(models.Model):
    """The hash of a password that somebody had, so that they do not take it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_passwords")
    hash = models.CharField(max_length=128)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"password {self.pk}"
