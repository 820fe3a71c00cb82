"""Django's entry to the app."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as current
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class ProfilesConfig(AppConfig):
    """People: identity resolution, traits, timeline, profile API and screens."""

    name = "profiles"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the app's consumer, stores and normalisers known, and seed the rules after each migration."""
        from compliance.gate import register_people  # noqa: PLC0415 -- needs the app registry
        from compliance.subjects import register_subjects  # noqa: PLC0415 -- beside the others
        from compliance.suppression import (  # noqa: PLC0415 -- needs the app registry
            register_normalisers,
            register_places,
            register_unusable,
        )
        from profiles.builder.consumer import ProfileBuilder  # noqa: PLC0415 -- beside the others
        from profiles.consumers.behaviour import (  # noqa: PLC0415 -- needs the app registry
            BehaviourConsumer,
            behaviour,
        )
        from profiles.consumers.profile_builder import profile_builder  # noqa: PLC0415 -- needs the app registry
        from profiles.consumers.sessions import (  # noqa: PLC0415 -- needs the app registry
            SessionsConsumer,
            sessions_consumer,
        )
        from profiles.consumers.social import SocialConsumer, social  # noqa: PLC0415 -- needs the app registry
        from profiles.domain.blocked import unusable  # noqa: PLC0415 -- needs the app registry
        from profiles.domain.normalisers import normalisers  # noqa: PLC0415 -- needs the app registry
        from profiles.domain.places import places  # noqa: PLC0415 -- needs the app registry
        from profiles.domain.queries.permission import said_of_people  # noqa: PLC0415 -- needs the app registry
        from profiles.domain.queries.subjects import subject_ids  # noqa: PLC0415 -- needs the app registry
        from profiles.personal_data import register_stores  # noqa: PLC0415 -- beside the others
        from streaming.registry import register_consumer  # noqa: PLC0415 -- beside the others

        register_consumer(ProfileBuilder.name, profile_builder)
        register_consumer(SessionsConsumer.name, sessions_consumer)
        register_consumer(SocialConsumer.name, social)
        register_consumer(BehaviourConsumer.name, behaviour)
        register_normalisers(normalisers)
        register_places(places)
        register_unusable(unusable)
        register_subjects(subject_ids)
        register_people(said_of_people)
        register_stores()
        post_migrate.connect(_seed, sender=self, dispatch_uid="profiles.seed")


def _seed(apps: Apps = current, **_options: Any) -> None:
    """The rules have the columns of this release: a database that was taken back to an earlier one is left alone."""
    from profiles.domain.seeds import seed_rules  # noqa: PLC0415 -- models exist only once apps are ready

    if _namespace(apps) == _namespace(current):
        seed_rules()


def _namespace(apps: Apps) -> set[str]:
    """The columns of the rules."""
    try:
        model = apps.get_model("profiles", "Namespace")
    except LookupError:
        return set()
    return {field.attname for field in model._meta.local_concrete_fields}  # noqa: SLF001 -- public by name
