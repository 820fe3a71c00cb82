"""What is wrong with the event log, each with what to do about it."""

import time
from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from streaming.contracts.cluster import Ailment, ClusteredLog, LogTrouble
from streaming.contracts.log import EventLog, LogError
from streaming.domain.topics.kinds import defaults
from streaming.domain.topics.ownership import ForeignLog, require_own
from streaming.registry import registered_consumers
from streaming.runtime.discovery import needed_topics

LOOK_AGAIN_AFTER_SECONDS = 10.0


class _Look(NamedTuple):
    at: float
    found: list[LogTrouble]


_looks: WeakKeyDictionary[EventLog, _Look] = WeakKeyDictionary()


def recent_log_troubles(open_log: Callable[[], EventLog]) -> list[LogTrouble]:
    """What `log_troubles` found a few seconds ago at most: for screens that renew themselves."""
    log = open_log()
    look = _looks.get(log)
    if look is None or time.monotonic() - look.at > LOOK_AGAIN_AFTER_SECONDS:
        found = log_troubles(lambda: log)
        look = _looks[log] = _Look(time.monotonic(), found)
    return look.found


def log_troubles(open_log: Callable[[], EventLog]) -> list[LogTrouble]:
    """All of it, the worst first; empty for the embedded log, which fares as the database does.

    Blocks for some seconds while no broker answers. Raises OperationalError without the database.
    """
    log = open_log()
    if not isinstance(log, ClusteredLog):
        return []
    found = log.troubles(_ours(log))
    if any(each.ailment is Ailment.UNREACHABLE for each in found):
        return found
    return [*_foreign(log), *found]


def _ours(log: EventLog) -> set[str]:
    """The topics that we use, as far as they can be listed now: a cluster may hold others."""
    needed = {spec.name for factory in registered_consumers().values() for spec in needed_topics(factory())}
    try:
        return needed | defaults(log.topics()).keys()
    except LogError:  # said by what is found next
        return needed


def _foreign(log: ClusteredLog) -> list[LogTrouble]:
    try:
        require_own(log)
    except ForeignLog as error:
        return [LogTrouble(Ailment.FOREIGN, str(error), "Nothing starts on it until then.")]
    except LogError:  # said by what was found before
        pass
    return []
