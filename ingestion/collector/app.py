"""The collector as an ASGI callable: one request in, one answer out."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ingestion.collector import answers
from ingestion.collector.answers import Answer, Refused
from ingestion.collector.body import Disconnected, Receive
from ingestion.collector.collect import collect
from ingestion.collector.configure import configure, configured_key
from ingestion.collector.head import Scope
from ingestion.collector.hooks import PREFIX as HOOKS
from ingestion.collector.hooks import answer_hook
from ingestion.collector.pixel import collect_pixel, pixel_type
from ingestion.collector.routes import ROUTES
from ingestion.collector.service import CollectorService

logger = logging.getLogger(__name__)
Send = Callable[[dict[str, Any]], Awaitable[None]]
_NO_BODY = {"type": "http.response.body", "body": b""}


class CollectorApp:
    """Answers every request below its prefixes. Without a started service it answers 503."""

    def __init__(self) -> None:
        self.service: CollectorService | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        service = self.service
        if service is None:
            answer = answers.NOT_READY
        else:
            try:
                answer = await _answer(service, scope, receive)
            except Refused as refused:
                answer = refused.answer
            except Disconnected:
                return
            except Exception:
                logger.exception("a request could not be answered")
                answer = answers.FAILED
            service.tally.answered(answer.start["status"])
        await send(answer.start)
        await send(answer.body if scope["method"] != "HEAD" else _NO_BODY)


async def _answer(service: CollectorService, scope: Scope, receive: Receive) -> Answer:
    method, path = scope["method"], scope["path"]
    route = ROUTES.get(path)
    if method == "OPTIONS":
        return answers.PREFLIGHT
    if route is not None:
        return await collect(service, scope, receive, route) if method == "POST" else answers.METHOD
    if path.startswith(HOOKS):
        return await answer_hook(service, scope, receive)
    return await _asked(service, scope) if method in {"GET", "HEAD"} else answers.NOT_FOUND


async def _asked(service: CollectorService, scope: Scope) -> Answer:
    """What browsers fetch: settings, and images that bring an event."""
    path = scope["path"]
    if (key := configured_key(path)) is not None:
        return await configure(service, scope, key)
    if (event_type := pixel_type(path)) is not None:
        return await collect_pixel(service, scope, event_type)
    return answers.NOT_FOUND
