"""The digest: once a day one e-mail with all that came for who wants it so; and forgetting what is old."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from compliance.enums import Channel
from compliance.models import Notice, NoticeMail
from compliance.notices import smtp
from compliance.notices.mailing import gather

AT = time(7)  # in the installation's zone
KEPT = timedelta(days=90)


def make_digests(*, now: datetime) -> None:
    """Make today's e-mails, from seven o'clock on, for those who have none yet and something unread. Idempotent."""
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    if local.time() < AT or not smtp.is_set_up():
        return
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    had = list(
        NoticeMail.objects.filter(is_digest=True, made_at__gte=midnight).values_list("user", flat=True)
    )
    gather(Channel.DIGEST, now, Q(read_at=None) & ~Q(user__in=had))


def forget_old(*, now: datetime) -> None:
    """Delete notices that were last so long ago, and e-mails that bring none any more."""
    Notice.objects.filter(told_at__lt=now - KEPT).delete()
    NoticeMail.objects.filter(made_at__lt=now - KEPT, receipts=None).delete()
