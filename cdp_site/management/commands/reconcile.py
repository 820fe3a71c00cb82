"""`manage.py reconcile [--json]`: prove that every accepted event has its effect, or name those without."""

from datetime import UTC, datetime
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cdp_site.models import Reconciliation, ReconciliationFinding
from cdp_site.reconciliation import jobs, queries
from cdp_site.reconciliation.enums import FindingKind, State
from cdp_site.reconciliation.queries import Place
from cdp_site.reconciliation.results import MAX_NAMED, MinuteCount
from compliance.access import Actor
from streaming.event_log import event_log

BY = Actor.system("reconcile")


class Command(BaseCommand):
    """Exits with 0 when all is balanced, with 1 when something is not, with 2 when it cannot be found out now."""

    help = "Compare the ids of all events in the log and the spool with what became of them."

    def add_arguments(self, parser: CommandParser) -> None:
        """How to print it."""
        parser.add_argument(
            "--json", action="store_true", help="print counts per minute, source and topic as JSON"
        )

    def handle(self, *args: Any, json: bool, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Reconcile."""
        asked = jobs.ask(by=BY, now=_now())
        try:
            minutes = jobs.perform(asked.pk, by=BY, log=event_log(), clock=_now, with_minutes=json)
        except jobs.ReconciliationFailed as failed:
            raise CommandError(f"{failed}", returncode=2) from failed
        if minutes is None:
            raise CommandError("another reconciliation is running: see the page Reconciliation", returncode=2)
        asked.refresh_from_db()
        found = queries.findings(asked, Place(), by=BY, most=MAX_NAMED)
        self.stdout.write(_as_json(asked, minutes, found) if json else _as_text(asked, found))
        if asked.findings:
            raise SystemExit(1)


def _now() -> datetime:
    return datetime.now(UTC)


def _as_json(run: Reconciliation, minutes: list[MinuteCount], found: list[ReconciliationFinding]) -> str:
    totals = queries.totals(run, by=BY)
    return orjson.dumps(
        {
            "balanced": not run.findings,
            "since": run.since,
            "totals": {state: getattr(totals, state) for state in State.values},
            "counts": [count._asdict() for count in minutes],
            "downstream": run.downstream,
            "elsewhere": run.elsewhere,
            "findings": run.findings,
            "missing": [_as_row(each) for each in found],
        }
    ).decode()


def _as_row(found: ReconciliationFinding) -> dict[str, Any]:
    fields = (
        "kind",
        "minute",
        "source_id",
        "message_id",
        "consumer",
        "topic",
        "partition",
        "offset",
        "records",
    )
    return {**{field: getattr(found, field) for field in fields}, "finding": found.get_kind_display()}


def _as_text(run: Reconciliation, found: list[ReconciliationFinding]) -> str:
    columns = [*State.values, "duplicates"]
    lines = [f"{'source':>8}  {'topic':<36}" + "".join(column.rjust(15) for column in columns)]
    lines += [
        f"{line.source_id:>8}  {line.topic:<36}"
        + "".join(f"{getattr(line.totals, column):,}".rjust(15) for column in columns)
        for line in queries.lines(run, by=BY)
    ]
    lines += [
        f"{'':>8}  {row['consumer']} reads {row['topic']}: {row['read']:,} of {row['held']:,} read, "
        f"{row['pending']:,} on their way, {row['dead_letters']:,} dead letters"
        for row in run.downstream
    ]
    lines += [f"not compared: {reason}" for each in run.elsewhere for reason in each["reasons"]]
    return "\n".join([*lines, *map(_sentence, found), _verdict(run)])


def _sentence(found: ReconciliationFinding) -> str:
    place = f"{found.topic}/{found.partition}/{found.offset}" if found.offset is not None else found.topic
    what = FindingKind(found.kind).label
    if found.consumer:
        return f"{found.consumer} at {place}: {what} ({found.records:,} records)"
    received = f"{found.minute:%Y-%m-%d %H:%M}" if found.minute else "unknown"
    return (
        f"missing: {found.message_id or '(unreadable)'} of source {found.source_id}, {place or 'no topic'}, "
        f"received {received}: {what}"
    )


def _verdict(run: Reconciliation) -> str:
    if not run.findings:
        return f"balanced{run.reservation}: every accepted event is applied, dead-lettered, suppressed, in quarantine or on its way"
    return (
        f"not balanced{run.reservation}: {run.findings:,} findings, of which up to {MAX_NAMED:,} are named: "
        "see docs/guides/reconcile.md"
    )
