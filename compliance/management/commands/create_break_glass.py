"""`manage.py create_break_glass [NAME]`: an account for emergencies, whose password is printed once, to be sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.access import Actor
from compliance.domain.break_glass import PREFIX, create, renew
from compliance.domain.users import UserError
from compliance.models import User


class Command(BaseCommand):
    """Make it, or give the one of this name another password."""

    help = (
        "Make a break-glass account and print its password, which is to be sealed; --renew after it was used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The account."""
        parser.add_argument("name", nargs="?", default="", help=f"what comes after {PREFIX}- in its name")
        parser.add_argument("--renew", action="store_true", help="give the account another password")

    def handle(self, *args: Any, name: str, renew: bool, **_options: Any) -> None:  # noqa: ARG002 -- Django's
        """Do it."""
        username = f"{PREFIX}-{name}" if name else PREFIX
        try:
            password = _renewed(username) if renew else _made(name)
        except UserError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{username} signs in with this password. Seal it: it is not shown again.")
        self.stdout.write(password)


def _made(name: str) -> str:
    return create(name=name, by=_actor(), now=timezone.now())


def _renewed(username: str) -> str:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise UserError(f"there is no user {username!r}: make it without --renew")
    return renew(user=user, by=_actor())


def _actor() -> Actor:
    return Actor.system("create_break_glass")
