"""`manage.py doctor`: say what is wrong with this installation, and what to do about it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from cdp_site.doctor.examination import examine
from cdp_site.doctor.finding import Finding, Verdict


class Command(BaseCommand):
    """Exits with 0 when nothing is wrong, with 1 when something is, with 2 when there are warnings and --strict."""

    help = (
        "Look at the settings, the database, the event log, the spool, the disk, the watched folders, the clock, "
        "the secrets, the processes, the mail server and the directory, and say what to do about what is wrong."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The form of the answer."""
        parser.add_argument("--json", action="store_true", help="print a JSON document")
        parser.add_argument("--strict", action="store_true", help="exit with 2 when there are warnings")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Look."""
        found = []
        for finding in examine(now=timezone.now()):
            found.append(finding)
            if not options["json"]:
                self._tell(finding)
        if options["json"]:
            self.stdout.write(json.dumps({"findings": [asdict(each) for each in found]}, indent=2))
        if status := _status(found, strict=options["strict"]):
            raise SystemExit(status)

    def _tell(self, finding: Finding) -> None:
        self.stdout.write(f"{finding.verdict.value:<8} {finding.subject:<14} {finding.text}")
        if finding.remedy:
            self.stdout.write(f"{'':<23} {finding.remedy}")


def _status(found: Sequence[Finding], *, strict: bool) -> int:
    verdicts = {finding.verdict for finding in found}
    if Verdict.WRONG in verdicts:
        return 1
    return 2 if strict and Verdict.WARNING in verdicts else 0
