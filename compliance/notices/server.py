"""The mail server as its page shows it: what was sent, what is in trouble, and a test of it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.enums import MailState, Operation
from compliance.models import Notice, NoticeMail
from compliance.notices import smtp
from compliance.notices.choosing import own_email
from compliance.notices.composing import compose

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MailServerState:
    """Where e-mails go, and what became of those of the last day; without a `host` there is no server."""

    host: str
    port: int
    security: str
    login: str
    sender: str
    counts: dict[MailState, int]
    troubles: list[NoticeMail]


def state(actor: Actor, *, now: datetime) -> MailServerState:
    """As of now. Raises AccessDenied."""
    require(actor, Operation.USERS_MANAGE)
    lately = NoticeMail.objects.filter(made_at__gt=now - DAY)
    counted = {
        row["state"]: row["count"] for row in lately.values("state").annotate(count=Count("pk")).order_by()
    }
    return MailServerState(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        security="TLS" if settings.EMAIL_USE_SSL else "STARTTLS" if settings.EMAIL_USE_TLS else "none",
        login=settings.EMAIL_HOST_USER,
        sender=settings.DEFAULT_FROM_EMAIL,
        counts={each: counted.get(each, 0) for each in MailState},
        troubles=list(lately.exclude(trouble="").select_related("user").order_by("-id")[:20]),
    )


def send_test(actor: Actor, *, now: datetime) -> str:
    """Send the actor an e-mail; where it went. Blocks for a minute at most. Raises MailTrouble, AccessDenied."""
    require(actor, Operation.USERS_MANAGE)
    address = own_email(actor)
    if not smtp.is_set_up():
        raise smtp.MailTrouble(
            "there is no mail server: set SMTP_HOST and SMTP_FROM, and start the processes again"
        )
    if not address:
        raise smtp.MailTrouble("you have no e-mail address: set one under Settings, Notifications")
    record_change(actor, action="mail.test", target=f"user:{actor.name}")
    try:
        message = compose(NoticeMail(message_id=uuid.uuid4()), address, [_example(now)], now=now)
    except ValueError as error:
        raise smtp.MailTrouble(
            "your e-mail address cannot be one: change it under Settings, Notifications"
        ) from error
    smtp.send(message, handing_over=lambda: None)
    return address


def _example(now: datetime) -> Notice:
    return Notice(
        kind="job_finished", subject="A test of the mail server", link="/admin/settings/mail/", began_at=now,
        told_at=now, body="If you can read this, notices reach you by e-mail.",
    )  # fmt: skip
