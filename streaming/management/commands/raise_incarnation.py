"""`manage.py raise_incarnation`: after a restore, or a failover that lost commits, let nothing rewound pass for newer."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from streaming.contracts.log import LogError
from streaming.domain.incarnation import current_incarnation, raise_incarnation, rebuild
from streaming.domain.oversight import NobodyDecides


class Command(BaseCommand):
    """Run it once after each such event, with all consumers stopped."""

    help = (
        "Raise the incarnation after the database lost commits (a restore, a failover without synchronous replication), "
        "and publish the derived topics anew. Stop all consumers first, start them afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether a former run is only to be brought to its end."""
        parser.add_argument(
            "--rebuild-only", action="store_true", help="go on publishing after a run that was interrupted"
        )

    def handle(self, *args: Any, rebuild_only: bool, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Raise it, and publish."""
        now = timezone.now()
        try:
            incarnation = current_incarnation() if rebuild_only else raise_incarnation(actor=None, now=now)
            self.stdout.write(f"The incarnation is {incarnation}.")
            published: Counter[str] = Counter()
            for topic, records in rebuild(actor=None, now=now):
                published[topic] += records
                self.stdout.write(f"{topic}: {published[topic]:,} records published anew")
        except NobodyDecides as error:
            raise CommandError(str(error)) from error
        except LogError as error:
            raise CommandError(
                f"the log takes nothing now; run this again with --rebuild-only: {error}"
            ) from error
        self.stdout.write("All derived topics say what the database says. Start the consumers.")
