"""Django's entry to the app."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Data in: the collector, sources, imports."""

    name = "ingestion"
    verbose_name = "Data in"
    default_auto_field = "django.db.models.BigAutoField"
