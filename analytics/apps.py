"""Django's entry to the app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Data out: the warehouse and reports."""

    name = "analytics"
    verbose_name = "Reports"
    default_auto_field = "django.db.models.BigAutoField"
