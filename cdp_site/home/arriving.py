"""What is wrong with data that should come in: imports and connections that fail, and events that wait for a decision."""

from datetime import datetime, timedelta

from cdp_site.home.findings import Finding
from cdp_site.words import grouped
from compliance.access import Actor
from compliance.sources import of_sources
from ingestion.domain.quarantine.waiting import MOST_MORE, Waiting, waiting_sources
from ingestion.enums import ImportState
from ingestion.models import Connection, FileImport
from ingestion.sources.failing import TOLD_AFTER

MOST = 5  # of each
COUNTED = 1000  # events in quarantine; above that they are many


def arriving_findings(*, now: datetime, actor: Actor | None = None) -> list[Finding]:
    """All of sources that the actor may see."""
    return [*_imports(now, actor), *_connections(actor), *_quarantine(actor)]


def _imports(now: datetime, actor: Actor | None) -> list[Finding]:
    recent = FileImport.objects.filter(state=ImportState.FAILED, ended_at__gt=now - timedelta(days=1))
    failed = of_sources(actor, recent)
    return [
        Finding("warn", f"The import of {each.name} failed", each.failure, "import", each.pk)
        for each in failed[:MOST]
    ]


def _connections(actor: Actor | None) -> list[Finding]:
    """Those that go on failing and that something is still read of. What their systems answered stays on their pages."""
    failing = Connection.objects.filter(
        failures__gte=TOLD_AFTER, streams__paused_at=None, streams__isnull=False
    )
    read = of_sources(actor, failing)
    return [
        Finding(
            "warn",
            f"The connection {each.name} failed {grouped(each.failures)} time{'' if each.failures == 1 else 's'} in a row",
            "It is tried again by itself. Its page says what happened and what would help.",
            "connection",
            each.pk,
        )
        for each in read.distinct()[:MOST]
    ]


def _quarantine(actor: Actor | None) -> list[Finding]:
    found = waiting_sources(most=MOST, counted=COUNTED, actor=actor)
    return [*map(_waiting, found.shown), *([_more(found.more)] if found.more else [])]


def _waiting(found: Waiting) -> Finding:
    one = found.events == 1
    many = f"{'More than ' if found.is_more else ''}{grouped(found.events)} event{'' if one else 's'}"
    return Finding(
        "warn",
        f"{many} of {found.source.name} wait{'s' if one else ''} in quarantine",
        "They break the tracking plan: mend them and send them on, or discard them.",
        "quarantine",
        source=found.source.pk,
    )


def _more(sources: int) -> Finding:
    many = (
        f"{grouped(sources)}{' or' if sources == MOST_MORE else ''} more source{'' if sources == 1 else 's'}"
    )
    return Finding(
        "warn",
        f"Events of {many} wait in quarantine",
        "Quarantine lists all of them by source and reason.",
        "quarantine",
    )
