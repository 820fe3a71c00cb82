"""What is wrong now, each with the place where it is mended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cdp_site.home.arriving import arriving_findings
from cdp_site.home.auditing import audit_findings
from cdp_site.home.breaking_glass import break_glass_findings
from cdp_site.home.consumers import consumer_findings
from cdp_site.home.findings import Finding
from cdp_site.words import duration, grouped
from compliance.access import Actor
from ingestion.models import CollectorProcess
from streaming.domain.queries.consumers import ConsumerState
from streaming.domain.topics.health import recent_log_troubles
from streaming.event_log import event_log

SILENT_AFTER = timedelta(seconds=30)
MANY_REJECTED = 0.05
SLOW = 5.0


def findings(
    *,
    now: datetime,
    rejected_share: float,
    latency: float | None,
    consumers: Sequence[ConsumerState],
    actor: Actor | None = None,
) -> list[Finding]:
    """All of them, the worst first. `latency` is the usual time from event to profile, in seconds."""
    found = [
        *_log(), *_collectors(now), *consumer_findings(consumers), *_slow(latency), *_rejected(rejected_share),
        *arriving_findings(now=now, actor=actor), *audit_findings(), *break_glass_findings(now=now),
    ]  # fmt: skip
    return sorted(found, key=lambda finding: finding.tone != "bad")


def _log() -> list[Finding]:
    return [
        Finding("bad" if each.stops_events else "warn", f"The event log: {each.text}", each.remedy, "topics")
        for each in recent_log_troubles(event_log)
    ]


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
        "topics",
    )


def _waiting(process: CollectorProcess) -> Finding:
    return Finding(
        "warn",
        f"{grouped(process.spooled_records)} accepted events wait on {process.host} for the event log",
        process.trouble or "They are on their way.",
        "topics",
    )


def _slow(latency: float | None) -> list[Finding]:
    if latency is None or latency <= SLOW:
        return []
    return [
        Finding(
            "warn",
            f"Events took {duration(latency)} to reach their people",
            "A consumer is behind, or was: it catches up by itself unless something stops it.",
            "consumers",
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
            "rejections",
        )
    ]
