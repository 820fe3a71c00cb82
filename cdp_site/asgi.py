"""The web server's entry: what is served beside Django, the collector first of all, and Django (docs/adr/0030)."""

import gc
import os
from importlib import import_module

import django

gc.disable()  # what is loaded here stays: looking for garbage in between takes a tenth of the time to start
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp_site.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 -- needs Django to be set up
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 -- needs Django to be set up

from cdp_site.api.handler import TokenHandler, TokensApart, waits_for_little  # noqa: E402 -- needs Django to be set up
from cdp_site.collector import start_collector  # noqa: E402 -- needs Django to be set up
from cdp_site.metrics.audit import audit_figures  # noqa: E402 -- beside the others
from cdp_site.metrics.builder import builder_figures  # noqa: E402 -- needs Django to be set up
from cdp_site.metrics.database import DatabaseFigures  # noqa: E402 -- beside the others
from cdp_site.metrics.exposition import PATH as METRICS  # noqa: E402 -- beside the others
from cdp_site.metrics.exposition import MetricsApp  # noqa: E402 -- beside the others
from cdp_site.metrics.readers import Readers  # noqa: E402 -- beside the others
from cdp_site.metrics.scheduling import scheduling_figures  # noqa: E402 -- beside the others
from cdp_site.supervision.tether import die_with_parent  # noqa: E402 -- beside the others
from cdp_site.web.answering import Receive, Scope, Send  # noqa: E402 -- beside the others
from cdp_site.web.django_threads import DjangoThreads  # noqa: E402 -- beside the others
from cdp_site.web.health import HealthApp  # noqa: E402 -- beside the others
from cdp_site.web.on_loop import OnLoop  # noqa: E402 -- beside the others
from cdp_site.web.uploads import import_uploads  # noqa: E402 -- needs Django to be set up
from ingestion.collector.app import CollectorApp  # noqa: E402 -- needs Django to be set up
from ingestion.collector.routes import is_collector  # noqa: E402 -- beside the others
from streaming.database import connect_as_django, conninfo  # noqa: E402 -- needs Django to be set up
from streaming.domain.metrics import consumer_metrics  # noqa: E402 -- needs Django to be set up
from streaming.shared_session import SharedSession  # noqa: E402 -- needs Django to be set up

import_module(settings.ROOT_URLCONF)  # with all pages, so that the first request does not wait for it
gc.enable()

collector = CollectorApp()
health = HealthApp(lambda: collector.service, conninfo)
metrics = MetricsApp(
    DatabaseFigures([consumer_metrics, builder_figures, scheduling_figures, audit_figures]),
    Readers(settings.METRICS_TOKENS),
)
pages = DjangoThreads(
    TokensApart(WSGIHandler(), TokenHandler()),
    threads=settings.WEB_THREADS,
    uploads=import_uploads(size=settings.MAX_UPLOAD_MB * 1024 * 1024),
    on_loop=OnLoop(
        waits_for_little,
        reads=SharedSession(connect_as_django, "reads"),
        commits=SharedSession(connect_as_django, "commits"),
    ),
)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Dispatch by path."""
    if scope["type"] == "http":
        path = scope["path"]
        if is_collector(path):
            await collector(scope, receive, send)
        elif path.startswith("/health/"):
            await health(scope, send)
        elif path == METRICS:
            await metrics(scope, send)
        else:
            await pages(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    """Start the collector's threads with the server, and drain them when it stops."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            die_with_parent()  # a worker that outlives its server would keep the port
            collector.service = start_collector()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            if collector.service is not None:
                await collector.service.stop()
            await pages.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
