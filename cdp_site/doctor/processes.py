"""The processes: whether a scheduler acts, jobs are worked on, consumers run, and somebody may manage users."""

from collections.abc import Iterator
from datetime import datetime
from typing import LiteralString

from celery import current_app
from django.conf import settings
from django.db import connection, models

from cdp_site.broker.scheme import SCHEME
from cdp_site.doctor.finding import Finding, good, warning, wrong
from compliance.enums import Operation
from compliance.models import User
from streaming.domain.flow.retirement import retired_consumers
from streaming.domain.queries.consumers import conditions
from streaming.enums import STANDING

# One that died holds its lease a little longer; another one takes over then.
_ACTS = "SELECT expires_at > clock_timestamp() - interval '30 s' FROM scheduler_lease"
_WAITING: LiteralString = "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(enqueued_at)), 0)::float FROM pgmq.q_headwater_{} WHERE vt <= clock_timestamp()"
_HAS_QUEUE = "SELECT to_regclass('pgmq.q_headwater_' || %s) IS NOT NULL"
# What works on each queue. That of sources is made with the first connection that is read.
_WORKERS: dict[LiteralString, str] = {
    "celery": "celery -A cdp_site worker --pool=threads",
    "sources": "celery -A cdp_site worker --queues=sources --pool=threads --concurrency=32",
}
LONG_S, TOO_LONG_S = 120.0, 600.0  # what a killed worker had is given to another after two minutes


def check_processes(now: datetime) -> Iterator[Finding]:
    """As the database knows them. It must be migrated."""
    yield _administrators()
    yield _scheduler()
    yield from _jobs()
    yield from _consumers(now)


def _administrators() -> Finding:
    may = models.Q(is_superuser=True) | models.Q(
        groups__role__operations__contains=[Operation.USERS_MANAGE.value]
    )
    count = User.objects.filter(may, is_active=True, is_staff=True).distinct().count()
    if not count:
        return warning(
            "users", "nobody may manage users", "Run `manage.py create_administrator NAME`: it prints a link that works once."
        )  # fmt: skip
    return good("users", f"{count} may manage users")


def _scheduler() -> Finding:
    if not _one(_ACTS):
        tell = wrong if _one("SELECT count(*) FROM scheduler_run") else warning
        return tell(
            "scheduler", "none acts, so nothing periodic happens: retention, imports, notices",
            "Start `celery -A cdp_site beat`.",
        )  # fmt: skip
    return good("scheduler", "one acts")


def _jobs() -> Iterator[Finding]:
    if not str(settings.CELERY_BROKER_URL).startswith(f"{SCHEME}:"):
        yield _other_broker()
        return
    if not _one(_HAS_QUEUE, "celery"):
        yield warning("jobs", "no worker ran here yet", f"Start `{_WORKERS['celery']}`.")
        return
    yield from (_queue(name) for name in _WORKERS if _one(_HAS_QUEUE, name))


def _queue(name: LiteralString) -> Finding:
    subject = "jobs" if name == "celery" else name
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(name))
        count, oldest = cursor.fetchone()
    if oldest > LONG_S:
        tell = wrong if oldest > TOO_LONG_S else warning
        return tell(
            subject, f"{count} wait, the oldest for {oldest / 60:.0f} minutes: no worker takes them, or too few do",
            f"Start `{_WORKERS[name]}`, or another one.",
        )  # fmt: skip
    return good(subject, f"{count} wait, none for long")


def _other_broker() -> Finding:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=0, timeout=5)
    except Exception as error:  # noqa: BLE001 -- each transport raises its own
        return wrong(
            "jobs", f"the broker does not answer: {type(error).__name__}",
            "Start it, and see that CELERY_BROKER_URL names it.",
        )  # fmt: skip
    return good("jobs", "the broker answers")


def _consumers(now: datetime) -> Iterator[Finding]:
    retired = retired_consumers()
    kept = {name: state for name, state in conditions(now).items() if name not in retired}
    standing = {name: state for name, state in kept.items() if state in STANDING}
    if kept and len(standing) == len(kept) and not _one("SELECT count(*) FROM consumer_worker"):
        yield warning("consumers", "none ran here yet", "Start `manage.py run_consumers`.")
        return
    for name, state in standing.items():
        yield wrong(
            "consumers", f"{name} is {state.label.lower()}",
            f"See why under Pipeline, Consumers; `manage.py run_consumers {name}` runs it, `consumer_retire {name}` gives it up.",
        )  # fmt: skip
    if not standing:
        yield good("consumers", f"{len(kept)} run")


def _one(statement: str, *parameters: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return row[0] if row else None
