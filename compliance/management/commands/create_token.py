"""`manage.py create_token NAME --scope SCOPE…`: make an API token and print its secret, once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.access import Actor
from compliance.domain.tokens import create_token
from compliance.enums import Category, Operation
from compliance.forms import Form


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
        parser.add_argument(
            "--hashed", nargs="+", action="extend", default=[], metavar="CATEGORY",
            help="personal data it sees as pseudonyms",
        )  # fmt: skip
        parser.add_argument(
            "--hidden", nargs="+", action="extend", default=[], metavar="CATEGORY",
            help="personal data of which it does not even see that there are any",
        )  # fmt: skip
        parser.add_argument(
            "--source",
            nargs="+",
            action="extend",
            type=int,
            metavar="ID",
            help="only data of these sources (default: all)",
        )
        parser.add_argument("--purpose", default="", help="use data only as far as this purpose permits")
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")

    def handle(self, *args: Any, name: str, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Make it."""
        now = timezone.now()
        try:
            token, secret = create_token(
                name=name, scopes=options["scope"], role=options["role"], categories=options["category"],
                hashed=options["hashed"], hidden=options["hidden"], sources=options["source"], purpose=options["purpose"], by=Actor.system("create_token"), now=now,
                expires_at=now + timedelta(days=options["days"]) if options["days"] is not None else None,
            )  # fmt: skip
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
        closed = [
            f"{', '.join(found)} data {form}"
            for form in (Form.HASHED, Form.MASKED, Form.HIDDEN)
            if (found := [each for each in sorted(Category) if token.forms.of(each) is form])
        ]
        if closed:
            self.stderr.write(f"it sees {', '.join(closed)}; give --category to show them")
