"""E-mails of notices: gathered, claimed by one worker each, handed to the server once (docs/adr/0098)."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from compliance.enums import Channel, MailState
from compliance.models import NoticeMail, NoticeReceipt
from compliance.notices import smtp
from compliance.notices.composing import compose
from streaming.runtime.failpoints import reach

LEASE = timedelta(minutes=3)  # longer than a session can last
FRESH = timedelta(days=2)  # what nobody could be told for so long is not sent any more
GIVE_UP = timedelta(days=1)
_LONGEST_PAUSE = timedelta(minutes=30)
MOST_A_RUN = 50
_ALL = Q()

logger = logging.getLogger(__name__)

# Claiming lends the e-mail for LEASE: of a worker that dies it is due again then, unless it was being handed over.
_CLAIM = """
UPDATE compliance_noticemail SET attempts = attempts + 1, next_at = %(until)s WHERE id = (
    SELECT id FROM compliance_noticemail WHERE state = 'due' AND next_at <= %(now)s
    ORDER BY next_at FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING id
"""


def send_due(*, clock: Callable[[], datetime]) -> int:
    """Gather what should go out at once, and send all that is due; how many went. Stops at the first trouble.

    Can run any number of times at once, and be killed anywhere: each e-mail is handed over once.
    """
    if not smtp.is_set_up():
        return 0
    gather(Channel.EMAIL, clock())
    _give_up_waiting(clock())
    sent = 0
    while sent < MOST_A_RUN and (mail := _claim(clock())) is not None:
        reach("mail.after_claim")
        if not _sent(mail, clock):
            break
        sent += 1
    return sent


def gather(channel: Channel, now: datetime, among: Q = _ALL) -> None:
    """Make one e-mail for each person of all that waits for it (of what is `among` these receipts)."""
    waiting = NoticeReceipt.objects.filter(
        among, mail=None, channel=channel, notice__told_at__gt=now - FRESH, user__is_active=True
    ).exclude(user__email="")
    for user_id in waiting.values_list("user_id", flat=True).distinct():
        with transaction.atomic():
            mail = NoticeMail.objects.create(
                user_id=user_id, message_id=uuid.uuid4(), is_digest=channel is Channel.DIGEST, state=MailState.DUE,
                made_at=now, next_at=now,
            )  # fmt: skip
            if not _put(mail, waiting.filter(user=user_id)):
                mail.delete()  # another worker was first


def _put(mail: NoticeMail, waiting: QuerySet[NoticeReceipt]) -> int:
    ids = list(waiting.values_list("pk", flat=True))
    return NoticeReceipt.objects.filter(pk__in=ids, mail=None).update(mail=mail)


def _claim(now: datetime) -> NoticeMail | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": now + LEASE})
        row = cursor.fetchone()
    return None if row is None else NoticeMail.objects.select_related("user").get(pk=row[0])


def _sent(mail: NoticeMail, clock: Callable[[], datetime]) -> bool:
    """Whether this one is done with, and the next may be tried."""
    receipts = mail.receipts.filter(user__is_active=True).select_related("notice").order_by("pk")
    notices = [receipt.notice for receipt in receipts]
    if not notices:
        return _keep(mail, MailState.FAILED, trouble="there is nothing to tell any more")
    try:
        message = compose(mail, mail.user.email, notices, now=clock())
        smtp.send(message, handing_over=lambda: _hand_over(mail))
    except smtp.NoLongerOurs:
        return True
    except smtp.MailUnconfirmed as trouble:
        logger.warning("e-mail %d may not have arrived: %s", mail.pk, trouble)
        _keep(mail, MailState.UNCONFIRMED, trouble=str(trouble))
        return False
    except (smtp.MailTrouble, ValueError) as trouble:
        return _put_off(mail, trouble, clock())
    return _keep(mail, MailState.SENT, sent_at=clock())


def _hand_over(mail: NoticeMail) -> None:
    """From here on nobody sends it again, whatever becomes of this worker."""
    mine = NoticeMail.objects.filter(pk=mail.pk, state=MailState.DUE, attempts=mail.attempts)
    if not mine.update(state=MailState.HANDING):
        raise smtp.NoLongerOurs


def _put_off(mail: NoticeMail, trouble: Exception, now: datetime) -> bool:
    is_final = not isinstance(trouble, smtp.MailTrouble) or trouble.is_final
    sentence = (
        str(trouble) if isinstance(trouble, smtp.MailTrouble) else "this person's address cannot be one"
    )
    logger.warning("e-mail %d did not go out: %s", mail.pk, sentence)
    if is_final or now - mail.made_at > GIVE_UP:
        return _keep(mail, MailState.FAILED, trouble=sentence)
    pause = min(_LONGEST_PAUSE, timedelta(seconds=15 * 2 ** min(mail.attempts, 10)))
    _keep(mail, MailState.DUE, trouble=sentence, next_at=now + pause)
    return False


def _keep(mail: NoticeMail, state: MailState, **values: object) -> bool:
    if "trouble" in values:
        values["trouble"] = str(values["trouble"])[:300]
    mine = NoticeMail.objects.filter(pk=mail.pk, attempts=mail.attempts)
    mine.update(state=state, **{"trouble": "", **values})
    return True


def _give_up_waiting(now: datetime) -> None:
    """Whose worker died while it handed them over: nobody knows, and sending again could make two of one."""
    lost = NoticeMail.objects.filter(state=MailState.HANDING, next_at__lte=now)
    lost.update(state=MailState.UNCONFIRMED, trouble="the process ended while it handed this over")
