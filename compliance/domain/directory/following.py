"""The periodic job that follows the directory: nothing where there is none."""

import logging
from datetime import datetime

from compliance.domain.directory.configuration import directory

logger = logging.getLogger(__name__)


def follow(*, now: datetime) -> None:
    """Do it once; what keeps it from being done is told as a notice."""
    found = directory()
    if found is None:
        return
    from compliance.domain.directory.syncing import SyncFailed, SyncHeld, sync  # noqa: PLC0415 -- imports ldap

    try:
        sync(found, now=now)
    except (SyncFailed, SyncHeld) as trouble:
        logger.warning("the directory was not followed: %s", trouble)
