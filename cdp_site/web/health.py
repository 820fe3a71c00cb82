"""GET /health/live and /health/ready: whether this web process runs, and whether it can take events.

Answered beside Django, so that its slow pages never make a load balancer think that the process is dead.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from cdp_site.web.answering import Scope, Send, answer_json
from ingestion.collector.service import CollectorService

LIVE, READY = "/health/live", "/health/ready"
DATABASE_TIMEOUT_S = 2
FRESH_S = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """`checks` say "ok" or what is wrong, in words that tell nothing secret. `ready` is whether events are taken."""

    ready: bool
    checks: dict[str, str]

    @property
    def status(self) -> str:
        """One word for all of it."""
        if not self.ready:
            return "unavailable"
        return "ok" if set(self.checks.values()) == {"ok"} else "degraded"


class HealthApp:
    """Answers both addresses. The database is asked at most once a second, in a thread."""

    def __init__(self, service: Callable[[], CollectorService | None], conninfo: Callable[[], str]) -> None:
        self._service, self._conninfo = service, conninfo
        self._database = "not asked yet"
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer one request."""
        head = scope["method"] == "HEAD"
        if scope["path"].rstrip("/") == LIVE:
            await answer_json(send, 200, {"status": "ok"}, head=head)
            return
        health = await self.health()
        document = {"status": health.status, "checks": health.checks}
        await answer_json(send, 200 if health.ready else 503, document, head=head)

    async def health(self) -> Health:
        """The state of this process. Events are taken as long as the log or the spool takes them."""
        service = self._service()
        database = await self._state_of_database()
        if service is None:
            return Health(ready=False, checks={"database": database, "collector": "not started"})
        configuration = "ok" if service.watch.current is not None else "the sources were not read yet"
        log = "ok" if not service.gate.trouble else "does not take events"
        spool = _spool(service)
        return Health(
            ready=configuration == "ok" and "ok" in (log, spool),
            checks={"database": database, "event_log": log, "spool": spool, "configuration": configuration},
        )

    async def _state_of_database(self) -> str:
        async with self._asking:
            if time.monotonic() - self._asked_at > FRESH_S:
                self._database = await asyncio.to_thread(_ask, self._conninfo())
                self._asked_at = time.monotonic()
            return self._database


def _ask(conninfo: str) -> str:
    try:
        with psycopg.connect(conninfo, connect_timeout=DATABASE_TIMEOUT_S, autocommit=True) as connection:
            row = connection.execute("SHOW transaction_read_only").fetchone()
    except psycopg.Error as error:
        logger.info("the database does not answer the health check: %s", error)
        return "does not answer"
    return "ok" if row is not None and row[0] == "off" else "takes no writes"


def _spool(service: CollectorService) -> str:
    status = service.spool.status()
    return "full" if status.bytes >= service.settings.spool_limit else "ok"
