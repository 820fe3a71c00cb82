"""What is wrong now, each with the place where it is mended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import NoReverseMatch, reverse

from cdp_site.words import duration, grouped
from ingestion.enums import ImportState
from ingestion.models import CollectorProcess, FileImport

SILENT_AFTER = timedelta(seconds=30)
MANY_REJECTED = 0.05
SLOW = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that somebody should see to. `tone` is bad or warn; `href` is where it is mended."""

    tone: str
    text: str
    help: str
    href: str


def findings(*, now: datetime, rejected_share: float, latency: float | None) -> list[Finding]:
    """All of them, the worst first. `latency` is the usual time from event to profile, in seconds."""
    found = [*_collectors(now), *_slow(latency), *_rejected(rejected_share), *_imports(now)]
    return sorted(found, key=lambda finding: finding.tone != "bad")


def _collectors(now: datetime) -> list[Finding]:
    found = []
    for process in CollectorProcess.objects.filter(stopped_at=None):
        if now - process.heartbeat_at > SILENT_AFTER:
            found.append(_silent(process, now))
        elif process.trouble or process.spooled_records:
            found.append(_waiting(process))
    return found


def _silent(process: CollectorProcess, now: datetime) -> Finding:
    held = f"; {grouped(process.spooled_records)} events are in its spool" if process.spooled_records else ""
    return Finding(
        "bad" if process.spooled_records else "warn",
        f"The collector on {process.host} was last heard of {duration(now - process.heartbeat_at)} ago{held}",
        "Start the web server there again; it empties its spool by itself.",
        _address("topics"),
    )


def _waiting(process: CollectorProcess) -> Finding:
    return Finding(
        "warn",
        f"{grouped(process.spooled_records)} accepted events wait on {process.host} for the event log",
        process.trouble or "They are on their way.",
        _address("topics"),
    )


def _slow(latency: float | None) -> list[Finding]:
    if latency is None or latency <= SLOW:
        return []
    return [
        Finding(
            "warn",
            f"Events took {duration(latency)} to reach their people",
            "A consumer is behind, or was: it catches up by itself unless something stops it.",
            _address("consumers"),
        )
    ]


def _rejected(share: float) -> list[Finding]:
    if share < MANY_REJECTED:
        return []
    return [
        Finding(
            "warn",
            f"{share:.0%} of what arrived in the last hour was rejected",
            "The reasons say which source sends what it should not.",
            _address("rejections"),
        )
    ]


def _imports(now: datetime) -> list[Finding]:
    failed = FileImport.objects.filter(state=ImportState.FAILED, ended_at__gt=now - timedelta(days=1))
    return [
        Finding("warn", f"The import of {each.name} failed", each.failure, _address("import", each.pk))
        for each in failed[:5]
    ]


def _address(name: str, *args: object) -> str:
    try:
        return reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return reverse("admin:index")
