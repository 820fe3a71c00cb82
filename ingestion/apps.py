"""Django's entry to the app."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Data in: the collector, sources, imports."""

    name = "ingestion"
    verbose_name = "Data in"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the app's consumers and its stores of personal data known."""
        from ingestion.consumers import RejectionsConsumer  # noqa: PLC0415 -- needs the app registry
        from ingestion.personal_data import register_stores  # noqa: PLC0415 -- beside the others
        from streaming.registry import register_consumer  # noqa: PLC0415 -- beside the others

        register_stores()
        register_consumer(RejectionsConsumer.name, RejectionsConsumer)
