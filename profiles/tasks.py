"""Background jobs of profiles: each makes one domain call and can be repeated at any time."""

from datetime import UTC, datetime

from celery import shared_task

from profiles.domain.ending_visits import end_visits as end
from profiles.domain.lifecycle import renew_lifecycles as take_step
from profiles.domain.suppressed_messages import forget_suppressed_messages as forget

MOST_STEPS = 200


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def renew_lifecycles() -> None:
    """Let those who have not bought for long be former customers; what is left waits for the next run."""
    for _ in range(MOST_STEPS):
        if not take_step(now=datetime.now(UTC)):
            break


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_suppressed_messages() -> None:
    """Forget which messages were suppressed once the log has forgotten them."""
    forget(now=datetime.now(UTC))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def end_visits() -> None:
    """End visits after whose last event nothing came for long, as far as everything was applied."""
    end(now=datetime.now(UTC))
