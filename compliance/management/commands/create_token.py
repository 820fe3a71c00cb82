"""`manage.py create_token NAME --scope SCOPE…`: make an API token and print its secret, once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.access import Actor
from compliance.domain.tokens import create_token
from compliance.enums import Category, Operation


class Command(BaseCommand):
    """Make an API token."""

    help = "Make an API token and print its secret, which cannot be read again."

    def add_arguments(self, parser: CommandParser) -> None:
        """What it is for, and what it may do and see."""
        parser.add_argument("name", help="the program that has it")
        parser.add_argument(
            "--scope", nargs="+", action="extend", default=[], metavar="SCOPE", help=", ".join(Operation)
        )
        parser.add_argument("--role", help="also what this role allows, such as administrator")
        parser.add_argument(
            "--category", nargs="+", action="extend", metavar="CATEGORY",
            help=f"personal data it sees unmasked: {', '.join(Category)} (default: what is not sensitive)",
        )  # fmt: skip
        parser.add_argument("--purpose", default="", help="use data only as far as this purpose permits")
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")

    def handle(self, *args: Any, name: str, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Make it."""
        now = timezone.now()
        try:
            token, secret = create_token(
                name=name, scopes=options["scope"], role=options["role"], categories=options["category"],
                purpose=options["purpose"], by=Actor.system("create_token"), now=now,
                expires_at=now + timedelta(days=options["days"]) if options["days"] is not None else None,
            )  # fmt: skip
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
        hidden = sorted(set(Category) - token.allowed_categories)
        if hidden:
            self.stderr.write(f"it sees {', '.join(hidden)} data masked; give --category to show them")
