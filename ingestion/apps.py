"""Django's entry to the app."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Data in: the collector, sources, imports."""

    name = "ingestion"
    verbose_name = "Data in"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make known the app's consumers, topics and stores of personal data, and what waits in spools."""
        from compliance.known_sources import register_sources  # noqa: PLC0415 -- needs the app registry
        from ingestion.consumers import (  # noqa: PLC0415 -- needs the app registry
            CatalogueConsumer,
            QuarantineConsumer,
            RejectionsConsumer,
        )
        from ingestion.domain.event_names import default_spec  # noqa: PLC0415 -- beside the others
        from ingestion.domain.queries.sources import source_names  # noqa: PLC0415 -- beside the others
        from ingestion.domain.spools import waiting_in_spools  # noqa: PLC0415 -- beside the others
        from ingestion.personal_data import register_erasers, register_stores  # noqa: PLC0415 -- beside the others
        from ingestion.sealed import register_sealed_columns  # noqa: PLC0415 -- beside the others
        from ingestion.sources.files import FolderSource, S3Source, SftpSource  # noqa: PLC0415 -- beside the others
        from ingestion.sources.mqtt import MqttSource  # noqa: PLC0415 -- beside the others
        from ingestion.sources.registry import register_kind  # noqa: PLC0415 -- beside the others
        from ingestion.sources.rest import RestSource  # noqa: PLC0415 -- beside the others
        from ingestion.sources.sql import SqlSource  # noqa: PLC0415 -- beside the others
        from streaming.contracts.events import EVENT_TOPICS, QUARANTINE_TOPIC, REJECTIONS_TOPIC  # noqa: PLC0415 -- beside the others
        from streaming.domain.topics.kinds import register_topic_kind  # noqa: PLC0415 -- beside the others
        from streaming.domain.upstream import register_upstream  # noqa: PLC0415 -- beside the others
        from streaming.registry import register_consumer  # noqa: PLC0415 -- beside the others

        register_stores()
        register_sealed_columns()
        register_erasers()
        register_sources(source_names)
        register_kind(RestSource())
        register_kind(SqlSource())
        for place in (FolderSource(), SftpSource(), S3Source()):
            register_kind(place)
        register_kind(MqttSource())
        register_consumer(RejectionsConsumer.name, RejectionsConsumer)
        register_consumer(CatalogueConsumer.name, CatalogueConsumer)
        register_consumer(QuarantineConsumer.name, QuarantineConsumer)
        register_upstream("spools of collectors", waiting_in_spools)
        for pattern in (EVENT_TOPICS, REJECTIONS_TOPIC, QUARANTINE_TOPIC):
            register_topic_kind(pattern, default_spec)
