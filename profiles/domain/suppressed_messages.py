"""Messages that were suppressed: kept for as long as their like are remembered as applied."""

from datetime import datetime

from profiles.models import SuppressedMessage
from streaming.domain.running import remembered_for
from streaming.event_log import event_log


def forget_suppressed_messages(*, now: datetime) -> int:
    """Forget those that the log cannot hold any more; returns how many. Raises LogError when the log is away."""
    noted_before = now - remembered_for(event_log())
    deleted, _ = SuppressedMessage.objects.filter(noted_at__lt=noted_before).delete()
    return deleted
