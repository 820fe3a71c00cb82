"""Django's entry to the app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Audiences: the segment language and membership."""

    name = "segments"
    verbose_name = "Segments"
    default_auto_field = "django.db.models.BigAutoField"
