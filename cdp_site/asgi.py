"""The web server's entry: the collector's addresses go to the collector, all others to Django (docs/adr/0030)."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp_site.settings")
django_application = get_asgi_application()

from cdp_site.collector import start_collector  # noqa: E402 -- needs Django to be set up
from ingestion.collector.app import CollectorApp  # noqa: E402
from ingestion.collector.routes import is_collector  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

collector = CollectorApp()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Dispatch by path."""
    if scope["type"] == "http":
        if is_collector(scope["path"]):
            await collector(scope, receive, send)
        else:
            await django_application(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    """Start the collector's threads with the server, and drain them when it stops."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            collector.service = start_collector()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            if collector.service is not None:
                await collector.service.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
