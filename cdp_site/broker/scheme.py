"""The name of our transport, which a process loads when it first sends or takes a job: pgmq brings SQLAlchemy along."""

from kombu.transport import TRANSPORT_ALIASES

SCHEME = "headwater"


def register_transport() -> None:
    """Have kombu know the scheme of CELERY_BROKER_URL that stands for the database."""
    TRANSPORT_ALIASES[SCHEME] = "cdp_site.broker.transport:Transport"
