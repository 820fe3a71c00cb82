"""Background jobs of profiles: each makes one domain call and can be repeated at any time."""

from datetime import UTC, datetime

from celery import shared_task

from profiles.domain.ending_visits import end_visits as end
from profiles.domain.handovers.following import continue_handovers
from profiles.domain.learning_sources import learn_sources as learn
from profiles.domain.lifecycle import renew_lifecycles as take_step
from profiles.domain.rules import applying, dry_run, leasing
from profiles.domain.rules.hits import forget_blocked_hits as forget_hits
from profiles.domain.rules.proposals import measure_links as count_links
from profiles.domain.suppressed_messages import forget_suppressed_messages as forget
from profiles.recomputing.running import recompute_clusters as recompute
from profiles.undoing.running import undo_step

MOST_STEPS = 200
MOST_UNDO_STEPS = 50
MOST_LEARNING_STEPS = 20
SLICE_S = 20.0
RESUMED_AT_ONCE = 4


def _now() -> datetime:
    return datetime.now(UTC)


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


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def recompute_clusters() -> None:
    """Decide the people of clusters anew that were too large for it; a kill is made good by the next run."""
    recompute(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def follow_handovers() -> None:
    """Have facts follow identifiers that were given to another person; a kill is made good by the next run."""
    continue_handovers(now=_now(), seconds=SLICE_S)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def measure_rule_change(*, change_id: int) -> None:
    """Make the dry run of a change of rules."""
    dry_run.measure(change_id, clock=_now)


@shared_task(acks_late=True, reject_on_worker_lost=True, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def apply_rule_change(*, change_id: int) -> None:
    """Have people follow changed rules for a while, and leave the rest to the next task."""
    if not applying.continue_change(change_id, clock=_now, seconds=SLICE_S):
        apply_rule_change.delay(change_id=change_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def resume_rule_changes() -> None:
    """Have changes of rules measured and applied that nobody works on, whatever became of their task."""
    for change_id in leasing.without_runner(leasing.TO_MEASURE)[:RESUMED_AT_ONCE]:
        measure_rule_change.delay(change_id=change_id)
    for change_id in leasing.without_runner(leasing.TO_APPLY)[:RESUMED_AT_ONCE]:
        apply_rule_change.delay(change_id=change_id)


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def measure_links() -> None:
    """Count the links of values, and propose those for blocking that link too many people."""
    for _ in range(MOST_STEPS):
        if not count_links(now=_now()):
            break


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def forget_blocked_hits() -> None:
    """Forget how often blocked values came in former months."""
    forget_hits(now=_now())


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def undo_imports() -> None:
    """Take some steps of undoing imports; what is left waits for the next run, and a kill costs one step."""
    for _ in range(MOST_UNDO_STEPS):
        if not undo_step(now=_now()):
            break


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def learn_sources() -> None:
    """Have anchors know the sources of events of which nobody told them; what is left waits for the next run."""
    for _ in range(MOST_LEARNING_STEPS):
        if not learn():
            break
