"""`manage.py consumer_retire NAME [--undo]`: have nothing wait any more for a consumer that is stopped for good."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from streaming.domain.flow.retirement import keep, retire
from streaming.domain.oversight import NobodyDecides
from streaming.domain.running import UnknownConsumer, consumer_names


class Command(BaseCommand):
    """What the page of the consumer does under "Stop it for good". Repeated, it changes nothing."""

    help = (
        "Retire consumers that will not run again: the collector and imports no longer slow down for what they have not "
        "read, and nobody is told that they stand. They keep their positions, and --undo has them count again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and the way back."""
        parser.add_argument("names", metavar="NAME", nargs="+")
        parser.add_argument("--undo", action="store_true", help="count them again")

    def handle(self, *args: Any, names: list[str], undo: bool, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Decide it, and say what follows."""
        try:
            for name in consumer_names(names):
                if undo:
                    keep(name, actor=None)
                    self.stdout.write(f"{name} counts again: what it has not read slows down what comes in.")
                else:
                    retire(name, actor=None, by_name=getpass.getuser(), now=timezone.now())
                    self.stdout.write(f"{name} is retired: nothing waits for it any more.")
        except (UnknownConsumer, NobodyDecides) as error:
            raise CommandError(str(error)) from error
