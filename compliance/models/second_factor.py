"""Second factors: an app that shows codes, and codes on paper for when it is lost."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django_otp.models import Device, ThrottlingMixin


class Authenticator(ThrottlingMixin, Device):
    """An app of a user that shows a code each half minute (TOTP). `secret` is sealed (`compliance.secrets`).

    One that is not `confirmed` is being set up. `last_step` is that of the last code that was taken, so that none
    is taken twice; `drift` is by how many steps the clock of the app is known to be off.
    """

    objects: ClassVar[models.Manager["Authenticator"]] = models.Manager()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    secret = models.TextField()
    last_step = models.BigIntegerField(default=-1, db_default=-1)
    drift = models.SmallIntegerField(default=0, db_default=0)
    set_up_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "confirmed"], name="compliance_authenticator_one_of_each")
        ]

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"

    def get_throttle_factor(self) -> float:
        """How many seconds to wait after the first wrong code; twice as many after each further one."""
        return 1.0


class RecoveryCode(models.Model):
    """A code that stands in for the app once. Only its keyed hash is kept, and deleted when it is used."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "hash"], name="compliance_recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
