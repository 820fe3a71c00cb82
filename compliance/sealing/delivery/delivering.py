"""The anchor of now, brought to a place; who may read the trail is told where that fails.

What could not be delivered is not kept: the next anchor says all that this one would have said.
"""

import logging
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from compliance.notices import notify, over
from compliance.sealing.anchors import current_anchor, line
from compliance.sealing.delivery.places import deliver_to
from compliance.sealing.delivery.trouble import NotDelivered
from compliance.wording import sentence

KIND = "audit_anchors"
EACH_S = 60.0  # the next anchor says all that this one would have said
PAUSES_S = (1.0, 3.0)  # before it is tried again
logger = logging.getLogger(__name__)


def place_numbers() -> range:
    """The numbers of the places of AUDIT_ANCHORS; addresses may hold secrets, and do not stand in jobs."""
    return range(len(settings.AUDIT_ANCHORS))


def deliver_anchor(place: int, *, tried: int, now: datetime) -> float | None:
    """Bring it to the place of this number, once. Blocks for ten seconds where it does not answer.

    Gives in how many seconds it is worth trying again, after it was `tried` so often, None when there is no more to do.
    """
    if place not in place_numbers() or not (anchor := current_anchor(now=now)).seq:
        return None
    address = settings.AUDIT_ANCHORS[place]
    try:
        deliver_to(address, line(anchor))
    except NotDelivered as error:
        if not error.is_final and tried < len(PAUSES_S):
            return PAUSES_S[tried]
        _tell(address, str(error), now)
    else:
        over(KIND, shown(address), now=now)
    return None


def shown(place: str) -> str:
    """The place as it can be shown: without what may be a secret in its path or query."""
    address = urlsplit(place)
    return place if address.scheme == "file" else f"{address.scheme}://{address.netloc}"


def _tell(place: str, trouble: str, now: datetime) -> None:
    logger.warning("an anchor of the audit trail was not delivered to %s: %s", shown(place), trouble)
    notify(
        KIND,
        f"Anchors of the audit trail do not reach {shown(place)}",
        f"{sentence(trouble)} It is tried again each minute. Without anchors elsewhere, who owns "
        "the database could rewrite the trail unnoticed. The places stand in AUDIT_ANCHORS.",
        link=reverse("admin:audit"),
        key=shown(place),
        now=now,
    )
