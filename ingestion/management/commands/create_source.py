"""`manage.py create_source NAME [--write-key KEY]`: make a source and print its write key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.access import Actor
from ingestion.domain.sources import SourceError, create_source


class Command(BaseCommand):
    """Make a source; doing so again with the same name and key changes nothing."""

    help = "Make a source and print its write key."

    def add_arguments(self, parser: CommandParser) -> None:
        """The name, and optionally the key that its clients already have."""
        parser.add_argument("name")
        parser.add_argument("--write-key", help="6 to 64 letters, digits, - and _; absent: a random one")

    def handle(self, *args: Any, name: str, write_key: str | None, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Make it."""
        try:
            source = create_source(
                name=name, write_key=write_key, by=Actor.system("create_source"), now=timezone.now()
            )
        except SourceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(write_key or source.write_keys.get().key)
