"""Background jobs of the pipeline: each makes one domain call and can be repeated at any time."""

from datetime import UTC, datetime

from celery import shared_task

from streaming.event_log import event_log


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def apply_log_retention() -> None:
    """Let go of what the topics' settings let go; does nothing where the log does so itself."""
    event_log().apply_retention(datetime.now(UTC))
