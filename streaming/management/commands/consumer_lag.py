"""`manage.py consumer_lag [--json]`: how far each consumer is behind."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from streaming.domain.flow.overview import Overview, overview


class Command(BaseCommand):
    """One line per consumer, or all of it as JSON."""

    help = "Show how far each consumer is behind the log."

    def add_arguments(self, parser: CommandParser) -> None:
        """The form."""
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:  # noqa: ARG002 -- Django's
        """Show it."""
        found = overview(timezone.now())
        if as_json:
            self.stdout.write(json.dumps([_document(each) for each in found], indent=2))
            return
        for state, flow in found:
            lag = "unknown" if state.lag is None else f"{state.lag:,}"
            label = "Retired" if flow.is_retired else state.state.label
            self.stdout.write(
                f"{state.name:<24} {label:<18} lag {lag:>12}  {state.records_per_second:>8,.0f}/s  "
                f"{state.dead_letters:,} dead letters  {state.detail}".rstrip()
            )


def _document(each: Overview) -> dict[str, Any]:
    state, flow = each
    age = state.oldest_unread_age
    return {
        "consumer": state.name,
        "state": state.state.value,
        "detail": state.detail,
        "retired": flow.is_retired,
        "workers": len(state.workers),
        "lag": state.lag,
        "oldest_unread_seconds": age.total_seconds() if age else None,
        "records_per_second": round(state.records_per_second, 1),
        "batch_seconds": round(state.batch_seconds, 4),
        "dead_letters": state.dead_letters,
        "partitions": [
            {
                "topic": each.topic, "partition": each.partition, "offset": each.offset, "end": each.end,
                "lag": each.lag, "worker": each.worker,
            }
            for each in state.partitions
        ],
    }  # fmt: skip
