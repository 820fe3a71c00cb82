"""Django's entry to the app."""

from django.apps import AppConfig


class StreamingConfig(AppConfig):
    """The event log and the consumer runtime; knows no other app."""

    name = "streaming"
    verbose_name = "Pipeline"
    default_auto_field = "django.db.models.BigAutoField"
