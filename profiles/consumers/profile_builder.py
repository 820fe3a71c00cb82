"""The consumer that builds profiles."""

import gc
from functools import partial

from django.conf import settings

from profiles.builder.consumer import ProfileBuilder
from streaming.database import connect


def profile_builder() -> ProfileBuilder:
    """The builder of this installation, for a process that does little else."""
    # A batch makes some hundred thousand objects and drops them all: looking for cycles among them after each
    # 700 would take a sixth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return ProfileBuilder(
        connect=partial(connect, autocommit=True, application_name="headwater months"),
        partitions=settings.EVENT_PARTITIONS,
    )
