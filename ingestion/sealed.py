"""Which columns of this app hold sealed secrets."""

from compliance.sealed_columns import register_sealed
from ingestion.models import Connection, Webhook, WebhookPayload


def register_sealed_columns() -> None:
    """Have a new key reach them."""
    register_sealed(Connection, "secrets", "connections")
    register_sealed(Webhook, "secrets", "webhooks")
    register_sealed(WebhookPayload, "body", "last payloads of webhooks")
