"""Django's entry to the app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProfilesConfig(AppConfig):
    """People: identity resolution, traits, timeline, profile API and screens."""

    name = "profiles"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Seed the rules after each migration."""
        post_migrate.connect(_seed, sender=self, dispatch_uid="profiles.seed")


def _seed(**_options: Any) -> None:
    from profiles.domain.seeds import seed_rules  # noqa: PLC0415 -- models exist only once apps are ready

    seed_rules()
