"""Consumers of profiles."""

from functools import partial

from django.conf import settings

from profiles.builder.consumer import ProfileBuilder
from streaming.database import connect


def profile_builder() -> ProfileBuilder:
    """The builder of this installation."""
    return ProfileBuilder(
        connect=partial(connect, autocommit=True, application_name="headwater months"),
        partitions=settings.EVENT_PARTITIONS,
    )
