"""Beat's scheduler: any number may run, the one with the lease acts, and another takes over within seconds."""

import logging
import os
import secrets
import time
from collections.abc import Mapping
from typing import Any

from celery.beat import SchedulingError
from django import db
from django.conf import settings
from django_celery_beat.schedulers import DatabaseScheduler

from cdp_site.broker.scheme import SCHEME
from cdp_site.scheduling import lease, runs
from streaming.runtime.failpoints import reach

RENEW_S = 1.0
LOOK_S = 1.0

logger = logging.getLogger(__name__)


class OneActsScheduler(DatabaseScheduler):
    """Dispatches while it holds the lease. Whatever goes wrong, it looks again a second later."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._is_set_up = self._is_at_work = False
        super().__init__(*args, **options)
        self._holder = f"{settings.HOST_NAME}-{os.getpid()}-{secrets.token_hex(4)}"
        self._within = str(settings.CELERY_BROKER_URL).startswith(f"{SCHEME}:")
        self._term: int | None = None
        self._renewed_at = float("-inf")
        self._numbers: dict[str, int] = {}
        self._is_stale = True  # what this process knows of the jobs may not be what the database says

    def setup_schedule(self) -> None:
        """Nothing yet: who does not act writes nothing, and waits for no lock of one that froze."""

    def update_from_dict(self, mapping: Mapping[str, Mapping[str, Any]]) -> None:
        """Write these jobs into the database, all of them or none. Raises django.db.Error.

        Where django-celery-beat passes over a job that it could not write, that job would never run again.
        """
        with db.transaction.atomic():
            entries = {
                name: self.Entry.from_entry(name, app=self.app, **entry) for name, entry in mapping.items()
            }
        self.schedule.update({name: entry for name, entry in entries.items() if entry.model.enabled})

    def tick(self, *args: Any, **options: Any) -> float:
        """Dispatch one run that is due, if this scheduler acts; how long to wait before the next look."""
        self._is_at_work = True
        try:
            return self._tick(*args, **options)
        except SystemExit:  # in the middle of a statement, so that its session is of no use any more
            db.connection.close()
            raise
        finally:
            self._is_at_work = False

    def _tick(self, *args: Any, **options: Any) -> float:
        try:
            if not self._acts():
                return LOOK_S
            if self._is_stale:
                self._read_anew()
            reach("scheduler.before_dispatch")
            wait: float = super().tick(*args, **options)
        except (db.Error, SchedulingError) as error:
            db.connection.close()
            self._is_stale = True
            logger.warning("the scheduler waits, it tries again: %s", str(error).partition("\n")[0])
            return LOOK_S
        return min(wait, RENEW_S)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Dispatch the next run of a job, once among all schedulers."""
        number = self._numbers.get(entry.name, 0) + 1
        try:
            assert self._term is not None, "tick() has seen to it"
            runs.dispatch(
                entry.name, number, lambda: self._send(entry, number, producer),
                term=self._term, at=entry.model.last_run_at, within=self._within,
            )  # fmt: skip
        except runs.NotDispatched as error:
            self._term, self._is_stale = None, True
            logger.warning("another scheduler acts: %s", error)
        except Exception:
            self._is_stale = True
            raise
        else:
            self._numbers[entry.name] = number

    def reserve(self, entry: Any) -> Any:
        """The entry after its run, which is due now; the database learns of that with the run."""
        following = self._schedule[entry.name] = next(
            entry
        )  # or a heap made anew would hold the run that was had
        return following

    def sync(self) -> None:
        """Nothing: each run was written when it was dispatched, and who no longer acts must not write."""

    def close(self) -> None:
        """Let another scheduler act at once.

        Beat's handler of SIGTERM calls this in the middle of whatever is at work: a statement there would wait for ever for
        the one that it interrupts. Beat calls it again once that was left.
        """
        if self._is_at_work:
            return
        try:
            if self._term is not None:
                lease.release(self._term)
                self._term = None
        except db.Error as error:
            logger.info("the scheduler's lease runs out by itself: %s", error)
        super().close()

    def _acts(self) -> bool:
        if self._term is not None and time.monotonic() - self._renewed_at < RENEW_S:
            return True
        db.close_old_connections()
        if self._term is not None and not lease.renew(self._term):
            logger.warning("this scheduler lost its lease of term %d", self._term)
            self._term = None
        if self._term is None:
            self._term = lease.take(self._holder)
            self._is_stale = True
            if self._term is not None:
                logger.info("this scheduler acts, in term %d", self._term)
        self._renewed_at = time.monotonic()
        return self._term is not None

    def _read_anew(self) -> None:
        if not self._is_set_up:
            super().setup_schedule()
            self._is_set_up = True
        self._numbers = runs.last_numbers()
        self._schedule = self.all_as_schedule()
        self._heap, self._heap_invalidated = None, False
        self._is_stale = False

    def _send(self, entry: Any, number: int, producer: Any) -> None:
        sent = self.Entry(entry.model, app=self.app)  # apart, or the schedule would seem changed
        headers = {**entry.options.get("headers", {}), "periodic_run_number": number}
        # Sent again on another session it would no longer be part of the transaction: the whole run is tried again.
        sent.options = {**entry.options, "headers": headers, "retry": not self._within}
        self.apply_async(sent, producer=producer, advance=False)
