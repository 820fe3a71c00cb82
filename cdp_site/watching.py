"""Look at the installation now and then, and have people told of what is wrong, and when it is over.

Each minute, by a job of the one scheduler that acts (docs/adr/0061), so that any number of processes tell it once. What
cannot be looked at is left as it was told last.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django import db
from django.conf import settings
from django.urls import reverse

from cdp_site.doctor.finding import Verdict
from cdp_site.doctor.machine import check_disk
from cdp_site.home.growth import note_people
from cdp_site.pipeline.troubles import AWAY, BEHIND, pipeline_notices
from cdp_site.words import duration, grouped
from compliance.notices import notify, over, over_but
from compliance.sealing.condition import unsealed
from profiles.domain.queries.health import waiting_for_review
from streaming.contracts.log import LogError
from streaming.domain import dead_letters
from streaming.domain.topics.health import log_troubles
from streaming.event_log import event_log

LETTERS, DISK, REVIEWS, UNSEALED = "dead_letters", "disk_low", "review_backlog", "audit_unsealed"
MANY_REVIEWS = 100
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now: one notice for each kind and key, as long as it lasts."""

    kind: str
    key: str
    subject: str
    body: str
    link: str


def watch(*, now: datetime) -> None:
    """Look at everything. May be repeated at any time, by several at once. Blocks for seconds while a log is away."""
    for kind, look in _LOOKS.items():
        try:
            found = list(look(now))
        except (db.Error, LogError) as error:
            logger.warning("%s cannot be looked at: %s", kind, str(error).partition("\n")[0])
            continue
        for each in found:
            body = f"{each.body} {_RUNBOOKS.get(kind, '')}"
            notify(each.kind, each.subject, body, link=each.link, now=now, key=each.key)
        over_but(kind, [each.key for each in found], now=now)
    _watch_disk(now)
    note_people(now=now)


def _consumers(now: datetime) -> Iterator[Trouble]:
    return _of_pipeline(BEHIND, now)


def _of_pipeline(kind: str, now: datetime) -> Iterator[Trouble]:
    for notice in pipeline_notices(now):
        if notice.kind == kind:
            yield Trouble(kind, notice.about, notice.text.rstrip("."), f"{notice.action}.", notice.href)


def _letters(_now: datetime) -> Iterator[Trouble]:
    for name, count in dead_letters.counts().items():
        if count:
            text = f"{grouped(count)} dead letter{'' if count == 1 else 's'} of {name} wait{'s' if count == 1 else ''} for a decision"  # fmt: skip
            link = reverse("admin:dead_letters")
            yield Trouble(LETTERS, f"consumer:{name}", text, "Read why, then resubmit or discard.", link)


def _log(now: datetime) -> Iterator[Trouble]:
    for each in log_troubles(event_log):
        if each.stops_events:
            link = reverse("admin:topics")
            yield Trouble(AWAY, f"log:{each.ailment}", f"The event log: {each.text}", each.remedy, link)
    yield from _of_pipeline(AWAY, now)


def _reviews(now: datetime) -> Iterator[Trouble]:
    waiting = waiting_for_review(now)
    if waiting.links >= MANY_REVIEWS:
        number = f"{grouped(waiting.links)}{' or more' if waiting.has_more else ''}"
        body = "Decide who is one person, or block the value that links them."
        yield Trouble(
            REVIEWS, "queue", f"{number} links wait in the review queue", body, reverse("admin:reviews")
        )


def _audit(_now: datetime) -> Iterator[Trouble]:
    waiting = unsealed()
    if waiting.is_late:
        subject = f"{grouped(waiting.count)} rows of the audit trail are not sealed, the oldest for {duration(waiting.age)}"
        body = "Until they are, they could be changed unnoticed. See that a scheduler and a worker run."
        yield Trouble(UNSEALED, "sealer", subject, body, reverse("admin:audit"))


def _watch_disk(now: datetime) -> None:
    """The disk of this machine alone: others are looked at when the job runs there."""
    finding, key = (
        check_disk(settings.HEADWATER_HOME, settings.SPOOL_LIMIT_MB * 1024 * 1024),
        settings.HOST_NAME,
    )
    if finding.verdict is Verdict.GOOD:
        over(DISK, key, now=now)
    else:
        subject = f"The disk of {key} is nearly full"
        notify(
            DISK,
            subject,
            f"{finding.text}. {finding.remedy}",
            link=f"{reverse('admin:runbook', args=['parts'])}#disk-nearly-full",
            now=now,
            key=key,
        )


_RUNBOOKS = {
    BEHIND: "Step by step: docs/runbooks/consumers.md.",
    LETTERS: "Step by step: docs/runbooks/consumers.md.",
    AWAY: "Step by step: docs/runbooks/parts.md.",
}
_LOOKS: dict[str, Callable[[datetime], Iterator[Trouble]]] = {
    BEHIND: _consumers, LETTERS: _letters, AWAY: _log, REVIEWS: _reviews, UNSEALED: _audit,
}  # fmt: skip
