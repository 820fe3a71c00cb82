"""The collector of a web process, wired to the settings and to the log."""

from django.conf import settings

from compliance.addresses import parse_networks
from ingestion.collector.service import CollectorService, CollectorSettings
from streaming.event_log import event_log


def start_collector() -> CollectorService:
    """Start it on the running event loop."""
    service = CollectorService(
        CollectorSettings(
            host=settings.HOST_NAME,
            spool=settings.HEADWATER_HOME / "spool",
            spool_limit=settings.SPOOL_LIMIT_MB * 1024 * 1024,
            spool_window=settings.SPOOL_WINDOW_DAYS * 86400,
            trusted_proxies=parse_networks(settings.TRUSTED_PROXIES),
        ),
        event_log,
    )
    service.start()
    return service
