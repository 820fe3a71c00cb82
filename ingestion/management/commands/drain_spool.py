"""`manage.py drain_spool DIRECTORY`: empty the spool of a host that died into the log."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.access import Actor
from ingestion.collector.gate import LogGate
from ingestion.domain.estates import EstateError, Settlement, settle_estate
from ingestion.domain.event_names import ensure_base_topics
from streaming.contracts.log import LogError
from streaming.event_log import event_log


class Command(BaseCommand):
    """Interrupted or repeated, it goes on: an event that is sent twice has its effect once."""

    help = "Empty the spool of a host that died into the log. Events older than SPOOL_WINDOW_DAYS are left and named."

    def add_arguments(self, parser: CommandParser) -> None:
        """The directory, and what it does not say itself."""
        parser.add_argument(
            "directory",
            type=Path,
            help="its HEADWATER_HOME or the folder `spool` in it, mounted or copied here",
        )
        parser.add_argument("--host", help="its HOST_NAME, if nothing in the directory says it")
        parser.add_argument(
            "--although-alive", action="store_true", help="even if the host gave a sign of life a moment ago"
        )

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Empty it, and say what became of it."""
        try:
            settlement = settle_estate(
                directory, LogGate(event_log, ensure_base_topics), host=options["host"],
                although_alive=options["although_alive"],
                window=settings.SPOOL_WINDOW_DAYS * 86400, by=Actor.system("drain_spool"), now=timezone.now(),
            )  # fmt: skip
        except EstateError as error:
            raise CommandError(str(error)) from error
        except LogError as error:
            raise CommandError(f"the log does not take events now, run this again later: {error}") from error
        self._report(settlement)

    def _report(self, settlement: Settlement) -> None:
        settled = settlement.settled
        self.stdout.write(f"{settled.records:,} events of {settled.segments:,} segments are in the log.")
        if settled.bytes_aside:
            self.stdout.write(
                f"{settled.bytes_aside:,} bytes are damaged or refused by the log: they are kept beside the spool, "
                "in files that end with .damaged or .refused."
            )
        if settled.too_old:
            listed = "\n".join(f"  {path}" for path in settled.too_old)
            raise CommandError(
                f"{len(settled.too_old):,} segments are older than the {settings.SPOOL_WINDOW_DAYS} days for which "
                f"duplicates are recognised, so they were not sent:\n{listed}\nTo send them all the same, raise "
                "SPOOL_WINDOW_DAYS for the consumers and for this command, and run it again."
            )
        if settlement.missing:
            told = "\n".join(f"  {name}: {events:,} events" for name, events in settlement.missing.items())
            raise CommandError(
                f"these collectors of {', '.join(settlement.hosts)} had events when they were last heard of, and their "
                f"spool is not in this directory:\n{told}\nFind it and run this on it too; if it is gone for good, run "
                "this again with --host, and nobody waits for them any more."
            )
        if settlement.hosts:
            self.stdout.write(f"Nobody waits for {', '.join(settlement.hosts)} any more.")
