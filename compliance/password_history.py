"""A validator of Django's: no password is taken again, and a changed one ends what is open with the former."""

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from compliance.domain.sessions import end_with_password
from compliance.models import FormerPassword, LocalAccount, User


class NotUsedBefore:
    """Refuses the last `kept` passwords of a user. Django calls it wherever a password of ours is chosen."""

    def __init__(self, kept: int = 5) -> None:
        self._kept = kept

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a password that the user had."""
        if user is None or user.pk is None:
            return
        former = FormerPassword.objects.filter(user=user).order_by("-id")[: self._kept]
        if any(check_password(password, each.hash) for each in former):
            raise ValidationError(
                f"You had this password already: {self.get_help_text()}", code="used_before"
            )

    def password_changed(self, password: str, user: User) -> None:
        """Keep its hash, forget older ones, and end all sessions of the user."""
        del password
        with transaction.atomic():
            FormerPassword.objects.create(user=user, hash=user.password)
            newest = FormerPassword.objects.filter(user=user).order_by("-id").values("pk")[: self._kept]
            FormerPassword.objects.filter(user=user).exclude(
                pk__in=list(newest.values_list("pk", flat=True))
            ).delete()
            LocalAccount.objects.update_or_create(user=user, defaults={"password_set_at": timezone.now()})
            end_with_password(user)

    def get_help_text(self) -> str:
        """What people are told."""
        return f"none of your last {self._kept} is taken again."
