"""Django's entry to the app."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """People: identity resolution, traits, timeline, profile API and screens."""

    name = "profiles"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"
