"""`manage.py doctor`: say what is wrong with this installation, and what to do about it."""

from typing import Any

from django.core.management.base import BaseCommand

from cdp_site.doctor.examination import examine
from cdp_site.doctor.finding import Verdict


class Command(BaseCommand):
    """Exits with 1 when something is wrong."""

    help = "Look at the database, the event log, the spool, the disk, the clock and the secrets."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Look."""
        sick = False
        for finding in examine():
            self.stdout.write(f"{finding.verdict.value:<8} {finding.subject:<11} {finding.text}")
            if finding.remedy:
                self.stdout.write(f"{'':<20} {finding.remedy}")
            sick |= finding.verdict is Verdict.WRONG
        if sick:
            raise SystemExit(1)
