"""`manage.py reconcile [--json]`: prove that every accepted event has its effect, or name those without."""

from collections import Counter
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from cdp_site.reconciliation.balance import Balance, State
from cdp_site.reconciliation.run import reconcile
from compliance.access import Actor
from streaming.event_log import event_log

SHOWN = 20


class Command(BaseCommand):
    """Exits with 1 when a message is missing."""

    help = "Compare the ids of all events in the log and the spool with what became of them."

    def add_arguments(self, parser: CommandParser) -> None:
        """How to print it."""
        parser.add_argument("--json", action="store_true", help="print counts per minute and source as JSON")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Reconcile."""
        balance = reconcile(
            log=event_log(), spool=settings.HEADWATER_HOME / "spool", by=Actor.system("reconcile")
        )
        self.stdout.write(_as_json(balance) if json else _as_text(balance))
        if not balance.is_even:
            raise SystemExit(1)


def _as_json(balance: Balance) -> str:
    return orjson.dumps(
        {
            "balanced": balance.is_even,
            "totals": {state: balance.total(state) for state in State},
            "counts": [count._asdict() for count in balance.counts],
            "missing": [missing._asdict() for missing in balance.missing],
        }
    ).decode()


def _as_text(balance: Balance) -> str:
    sources = sorted({count.source_id for count in balance.counts})
    numbers = Counter[tuple[int, str]]()
    for count in balance.counts:
        numbers[count.source_id, count.state] += count.messages
        numbers[count.source_id, "duplicates"] += count.duplicates
    columns = [*State, "duplicates"]
    lines = ["source".rjust(8) + "".join(column.rjust(15) for column in columns)]
    lines += [
        str(source).rjust(8) + "".join(f"{numbers[source, column]:,}".rjust(15) for column in columns)
        for source in sources
    ]
    lines += [
        f"missing: {each.message_id or '(unreadable)'} of source {each.source_id}, {each.place}, "
        f"received {each.minute:%Y-%m-%d %H:%M}: {each.finding}"
        for each in balance.missing[:SHOWN]
    ]
    lines.append(
        "balanced: every accepted event is applied, dead-lettered, suppressed or on its way"
        if balance.is_even
        else f"{balance.total(State.MISSING):,} missing (--json names up to 1,000): see docs/guides/operations.md, "
        '"When reconcile names a message"'
    )
    return "\n".join(lines)
