"""Tell staff that something happened, that a trouble goes on, and that it is over."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from compliance.enums import Channel
from compliance.models import Notice, NoticeReceipt
from compliance.notices.audience import SUBSCRIBERS, Audience, recipients
from compliance.notices.kinds import Kind, kind_of
from compliance.notices.wording import one_line, paragraph

QUIET = timedelta(minutes=5)  # what comes and goes within it is one trouble
REMIND = timedelta(days=1)
_LINK = re.compile(r"/(?!/)[^\s\\]*")

_KEEP = """
INSERT INTO compliance_notice (kind, key, subject, body, link, began_at, told_at, reminded_at)
VALUES (%(kind)s, %(key)s, %(subject)s, %(body)s, %(link)s, %(now)s, %(now)s, %(now)s)
ON CONFLICT (kind, key) WHERE ended_at IS NULL DO UPDATE
SET subject = excluded.subject, body = excluded.body, link = excluded.link,
    told_at = greatest(compliance_notice.told_at, excluded.told_at)
RETURNING id
"""


def notify(
    kind: str,
    subject: str,
    body: str = "",
    *,
    link: str,
    audience: Audience = SUBSCRIBERS,
    now: datetime,
    key: str = "",
) -> None:
    """Tell the audience, in the caller's transaction: each person once, however often this is called with the key.

    `key` says what it is about (`consumer:profiles`); without one the link does. Of a lasting kind it means that the
    trouble goes on: the words are renewed, nobody is told again before a day has passed. `link` is a path of ours.
    Identifiers of customers are masked in both texts. Raises ValueError for an unknown kind, a link that leads
    elsewhere, or texts without a word.
    """
    known = kind_of(kind)
    if not _LINK.fullmatch(link):
        raise ValueError(f"a notice links to a path of ours, such as /admin/consumers/, not to {link!r}")
    values: dict[str, str | datetime] = {
        "kind": kind, "key": (key or link)[:200], "link": link, "now": now, "subject": one_line(subject),
        "body": paragraph(body),
    }  # fmt: skip
    if not values["subject"]:
        raise ValueError("a notice needs a subject")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, values)
            (notice_id,) = cursor.fetchone()
        _deliver(notice_id, known, audience, now)
        if known.is_lasting:
            _remind(notice_id, now)


def over(kind: str, key: str, *, now: datetime) -> None:
    """Say that the trouble of this key is over: at once, once. Nothing happens when there was none."""
    with transaction.atomic():
        _end(Notice.objects.filter(kind=kind, key=key, ended_at=None), now)


def over_but(kind: str, keys: Collection[str], *, now: datetime) -> None:
    """Say that all troubles of the kind but these are over, once they have been quiet for `QUIET`.

    For whoever looks now and then at everything: call `notify` for what it finds, then this.
    """
    quiet = Notice.objects.filter(kind=kind, ended_at=None, told_at__lt=now - QUIET).exclude(key__in=keys)
    with transaction.atomic():
        _end(quiet, now)


def _deliver(notice_id: int, kind: Kind, audience: Audience, now: datetime) -> None:
    NoticeReceipt.objects.bulk_create(
        [
            NoticeReceipt(notice_id=notice_id, user_id=user_id, channel=channel, at=now)
            for user_id, channel in recipients(kind, audience).items()
        ],
        ignore_conflicts=True,
    )


def _remind(notice_id: int, now: datetime) -> None:
    """Tell people again of what has gone on for another day."""
    due = Notice.objects.filter(pk=notice_id, reminded_at__lte=now - REMIND)
    if due.update(reminded_at=now):
        NoticeReceipt.objects.filter(notice=notice_id).update(read_at=None, mail=None)


def _end(going_on: QuerySet[Notice], now: datetime) -> None:
    ended = list(going_on.order_by("pk").select_for_update().values_list("pk", flat=True))
    Notice.objects.filter(pk__in=ended).update(ended_at=now)
    # Who got an e-mail of it gets one more; whose e-mail waits gets one that says both.
    NoticeReceipt.objects.filter(notice__in=ended, channel=Channel.EMAIL).update(mail=None)
