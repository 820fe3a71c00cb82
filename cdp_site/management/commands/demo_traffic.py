"""`manage.py demo_traffic --url URL`: send the example traffic; `manage.py demo` runs it."""

import os
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cdp_site.demo.traffic import send_traffic


class Command(BaseCommand):
    """Sends until SIGTERM or SIGINT. Prints nothing of any person."""

    help = "Send the traffic of an invented shop to a running Headwater, with the real SDK."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and as which source."""
        parser.add_argument("--url", required=True)
        key = os.environ.get("HEADWATER_WRITE_KEY")  # where other users of the machine cannot read it
        parser.add_argument("--write-key", default=key, required=key is None)

    def handle(self, *args: Any, url: str, write_key: str, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Send."""
        stopping = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: stopping.set())
        send_traffic(
            url=url, write_key=write_key, home=settings.HEADWATER_HOME, clock=timezone.now, stopping=stopping,
            tell=self._tell,
        )  # fmt: skip

    def _tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
