"""Django's entry to the app."""

from django.apps import AppConfig


class ActivationConfig(AppConfig):
    """Data out: pushes, destinations, decisions."""

    name = "activation"
    verbose_name = "Activation"
    default_auto_field = "django.db.models.BigAutoField"
