"""The consumer that builds profiles."""

from functools import partial

from django.conf import settings

from profiles.builder.consumer import ProfileBuilder
from profiles.combining.garbage import collect_seldom
from streaming.database import connect


def profile_builder() -> ProfileBuilder:
    """The builder of this installation, for a process that does little else."""
    collect_seldom()
    return ProfileBuilder(
        connect=partial(connect, autocommit=True, application_name="headwater months"),
        partitions=settings.EVENT_PARTITIONS,
    )
