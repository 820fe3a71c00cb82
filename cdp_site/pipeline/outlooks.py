"""When a consumer has caught up and when retention would overtake it, in words."""

import math
from datetime import timedelta

from cdp_site.words import NONE, duration
from streaming.domain.flow.outlook import Outlook

LATE = timedelta(seconds=30)  # what waits less is on its way, whatever the pace of these seconds
NEAR = timedelta(hours=1).total_seconds()
IN_SIGHT = timedelta(hours=6).total_seconds()


def drain_in_words(found: Outlook) -> str:
    """When it has read all."""
    if not found.lag:
        return "all read"
    if found.drain_seconds is None:
        return "not known yet"
    if _is_fresh(found):
        return "within moments"
    if math.isinf(found.drain_seconds):
        return "never at this pace"
    return f"in about {duration(found.drain_seconds)}"


def loss_in_words(found: Outlook) -> str:
    """When retention takes what it has not read."""
    if math.isinf(found.loss_seconds) or (_is_fresh(found) and found.loss_seconds >= IN_SIGHT):
        return NONE if not found.lag or _is_fresh(found) else "not at this pace"
    return f"in {duration(found.loss_seconds)}" if found.loss_seconds else "now"


def loss_tone(found: Outlook) -> str:
    """How near a loss is."""
    if found.loss_seconds < NEAR:
        return "bad"
    return "warn" if found.loss_seconds < IN_SIGHT else ""


def _is_fresh(found: Outlook) -> bool:
    return found.lag_seconds <= LATE.total_seconds()
