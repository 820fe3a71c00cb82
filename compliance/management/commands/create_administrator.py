"""`manage.py create_administrator NAME`: make somebody who may do everything, and print their one-time code."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.access import Actor
from compliance.domain.invitations import WELCOME, invite_administrator
from compliance.domain.users import UserError


class Command(BaseCommand):
    """Make an administrator. There is no password until they choose one."""

    help = "Make an administrator and print a code with which they choose their password, once, within a day."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account."""
        parser.add_argument("name", help="the name to sign in with")

    def handle(self, *args: Any, name: str, **_options: Any) -> None:  # noqa: ARG002 -- Django's
        """Make it."""
        try:
            code = invite_administrator(
                username=name, by=Actor.system("create_administrator"), now=timezone.now()
            )
        except UserError as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"Open {settings.PUBLIC_URL}{WELCOME} within a day, as {name}, with this code:")
        self.stdout.write(code)
