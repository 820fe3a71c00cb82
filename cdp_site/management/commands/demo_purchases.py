"""`manage.py demo_purchases`: import the CDNOW purchases, or what is missing of them; `manage.py demo` runs it."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cdp_site.demo.cdnow import import_cdnow


class Command(BaseCommand):
    """In a process of its own, whose memory goes with it. It may be cut off at any point: the next run goes on there."""

    help = "Import the real purchases of the music shop CDNOW, once."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Import."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_DFL)
        imported = import_cdnow(clock=timezone.now, wait=threading.Event().wait)
        if imported is not None:
            self.stdout.write(
                f"imported {imported.row:,} CDNOW purchases: {imported.get_state_display().lower()}"
            )
