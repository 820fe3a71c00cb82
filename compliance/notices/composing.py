"""What e-mails say: the notices that each brings, and where they are seen."""

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings

from compliance.models import Notice, NoticeMail
from compliance.notices.kinds import kind_or_plain
from compliance.notices.smtp import WIRE
from compliance.notices.telling import REMIND
from compliance.notices.wording import one_line

INBOX, CHOICES = "/admin/inbox/", "/admin/settings/notifications/"
MOST = 50


def compose(mail: NoticeMail, recipient: str, notices: Sequence[Notice], *, now: datetime) -> EmailMessage:
    """The whole e-mail. Raises ValueError when the recipient's address cannot be one."""
    message = EmailMessage(policy=WIRE)
    message["Subject"] = f"[Headwater] {_subject(mail, notices)}"
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = Address(addr_spec=recipient)
    message["Date"] = format_datetime(now)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{mail.message_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    parts = [_told(notice) for notice in notices[:MOST]]
    if len(notices) > MOST:
        parts.append(f"… and {len(notices) - MOST} more.")
    parts.append(f"-- \nAll notices: {_address(INBOX)}\nWhat reaches you, and how: {_address(CHOICES)}")
    message.set_content("\n\n".join(parts) + "\n")
    return message


def _subject(mail: NoticeMail, notices: Sequence[Notice]) -> str:
    if mail.is_digest:
        return f"Your day: {len(notices)} notice{'' if len(notices) == 1 else 's'}"
    first = one_line(_state(notices[0]) + notices[0].subject)
    return first if len(notices) == 1 else f"{first}, and {len(notices) - 1} more"


def _state(notice: Notice) -> str:
    if notice.ended_at:
        return "Over: "
    return "Still so: " if notice.told_at - notice.began_at >= REMIND else ""


def _told(notice: Notice) -> str:
    lines = [f"{_state(notice)}{notice.subject}", notice.body, _when(notice), _address(notice.link)]
    return "\n".join(filter(None, lines))


def _when(notice: Notice) -> str:
    if not kind_or_plain(notice.kind).is_lasting:
        return _clock(notice.began_at)
    if notice.ended_at:
        return f"From {_clock(notice.began_at)}, over at {_clock(notice.ended_at)}."
    return f"Since {_clock(notice.began_at)}."


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(settings.TIME_ZONE)):%Y-%m-%d %H:%M %Z}"


def _address(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
