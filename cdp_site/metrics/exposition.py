"""The page itself, served beside Django: a scraper asks under any host name, and must not wait for slow pages."""

import asyncio
import os
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from cdp_site.metrics import pages
from cdp_site.metrics.processes import DIRECTORY, forget_dead_processes
from cdp_site.metrics.readers import Readers
from cdp_site.web.answering import Scope, Send, answer

PATH = "/metrics"
PLAIN = b"text/plain; charset=utf-8"


class MetricsApp:
    """Answers GET /metrics to those who may read it. One page at a time is made, in a thread."""

    def __init__(self, figures: Collector, readers: Readers) -> None:
        self._figures, self._readers = figures, readers
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Answer one request."""
        head = scope["method"] == "HEAD"
        if refusal := self._readers.refusal(scope):
            status, words = refusal
            challenge = b"Bearer" if status == HTTPStatus.UNAUTHORIZED else None
            await answer(send, status, words, content_type=PLAIN, head=head, challenge=challenge)
            return
        pages.write()
        async with self._making:
            page = await asyncio.to_thread(self.page)
        await answer(send, 200, page, content_type=CONTENT_TYPE_LATEST.encode(), head=head)

    def page(self) -> bytes:
        """All figures as text."""
        registry = CollectorRegistry()
        registry.register(self._figures)
        counted = registry if DIRECTORY in os.environ else REGISTRY
        if counted is registry:
            forget_dead_processes()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(counted) + generate_latest(registry)
