"""`manage.py unlock_user NAME`: let somebody who had too many wrong passwords try again at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.access import Actor
from compliance.domain.lockout import unlock
from compliance.models import User


class Command(BaseCommand):
    """For when nobody is in who could do it on the page of users."""

    help = "Let a user who has to wait after too many wrong passwords try again at once."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account."""
        parser.add_argument("name", help="the name with which they sign in")

    def handle(self, *args: Any, name: str, **_options: Any) -> None:  # noqa: ARG002 -- Django's
        """Do it."""
        user = User.objects.filter(username__iexact=name).first()
        if user is None:
            raise CommandError(f"there is no user {name!r}: see Settings, Users and roles")
        unlock(user=user, by=Actor.system("unlock_user"))
        self.stdout.write(f"{user.username} can try again now.")
