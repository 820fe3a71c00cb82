"""What is wrong with the event log, each with what to do about it."""

from collections.abc import Callable

from streaming.contracts.cluster import Ailment, ClusteredLog, LogTrouble
from streaming.contracts.log import EventLog, LogError
from streaming.domain.topics.ownership import ForeignLog, require_own
from streaming.registry import registered_consumers
from streaming.runtime.discovery import needed_topics


def log_troubles(open_log: Callable[[], EventLog]) -> list[LogTrouble]:
    """All of it, the worst first; empty for the embedded log, which fares as the database does.

    Blocks for some seconds while no broker answers. Raises OperationalError without the database.
    """
    log = open_log()
    if not isinstance(log, ClusteredLog):
        return []
    expected = {spec.name for factory in registered_consumers().values() for spec in needed_topics(factory())}
    found = log.troubles(expected)
    if any(each.ailment is Ailment.UNREACHABLE for each in found):
        return found
    return [*_foreign(log), *found]


def _foreign(log: ClusteredLog) -> list[LogTrouble]:
    try:
        require_own(log)
    except ForeignLog as error:
        return [LogTrouble(Ailment.FOREIGN, str(error), "Nothing starts on it until then.")]
    except LogError:  # said by what was found before
        pass
    return []
