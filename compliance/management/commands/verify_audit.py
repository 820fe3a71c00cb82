"""`manage.py verify_audit`: see whether anybody changed, removed, put in or moved rows of the audit trail."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from compliance.sealing.anchors import Anchors, read_lines
from compliance.sealing.condition import unsealed
from compliance.sealing.delivery.places import own_files
from compliance.sealing.verifying import Report, verify

CANNOT_BE_CHECKED = 2


class Command(BaseCommand):
    """Exits with 0 when the trail is whole, with 1 when it is not, with 2 when that could not be checked."""

    help = (
        "Compute the hash chain of the audit trail anew, compare it with the seals of the rows and with anchors, and name "
        "what was changed, removed, put in or moved. Without anchors that stand elsewhere, a chain that was rewritten as a "
        "whole is not noticed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to compare, and from where on."""
        parser.add_argument(
            "--anchors", action="append", type=Path, metavar="FILE",
            help="a file with anchors, one a line; may be given several times; without it those of AUDIT_ANCHORS on this machine",
        )  # fmt: skip
        parser.add_argument(
            "--from",
            dest="first",
            type=int,
            default=1,
            metavar="PLACE",
            help="begin at this place of the chain",
        )
        parser.add_argument("--json", action="store_true", help="print a JSON document")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Look at all rows."""
        if options["first"] < 1:
            raise CommandError("the chain begins at place 1", returncode=CANNOT_BE_CHECKED)
        files = options["anchors"] if options["anchors"] is not None else own_files()
        try:
            found = [(path, _anchors(path)) for path in files]
            report = verify(
                [each for _, anchors in found for each in anchors.anchors], first=options["first"]
            )
            waiting = unsealed().count
        except (Error, OSError) as error:
            raise CommandError(
                f"the audit trail could not be checked: {str(error).splitlines()[0]}",
                returncode=CANNOT_BE_CHECKED,
            ) from error
        report = replace(report, problems=(*report.problems, *_changed(found)))
        if options["json"]:
            self.stdout.write(json.dumps({**asdict(report), "unsealed": waiting}, indent=2))
        else:
            self._tell(report, waiting, sum(anchors.unreadable for _, anchors in found))
        if not report.is_whole:
            raise SystemExit(1)

    def _tell(self, report: Report, waiting: int, unreadable: int) -> None:
        for problem in report.problems:
            self.stdout.write(problem)
        state = "whole" if report.is_whole else "NOT whole"
        self.stdout.write(
            f"The audit trail is {state}: {report.rows:,} rows from place {report.first} to {report.last}, "
            f"{report.anchors:,} anchors compared, {waiting:,} rows not sealed yet."
        )
        if unreadable:
            self.stdout.write(f"{unreadable:,} lines of the files are no anchors.")
        if not report.anchors:
            self.stdout.write("No anchor was compared: a chain rewritten as a whole would not be noticed.")


def _anchors(path: Path) -> Anchors:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return read_lines(lines)


def _changed(found: list[tuple[Path, Anchors]]) -> Iterator[str]:
    for path, anchors in found:
        if anchors.changed:
            yield (
                f"{len(anchors.changed):,} anchors in {path} are not signed with this installation's key, line "
                f"{anchors.changed[0]} first: they were changed, or IDENTIFIER_KEY is another one."
            )
