"""The event log: whether it can be reached, and holds the topics that everything begins with."""

from collections.abc import Callable, Iterator

from cdp_site.doctor.finding import Finding, good, warning, wrong
from streaming.contracts.cluster import Ailment
from streaming.contracts.events import OTHER_EVENTS_TOPIC
from streaming.contracts.log import EventLog, LogDenied, LogError
from streaming.domain.topics.health import log_troubles
from streaming.domain.topics.states import topic_settings


def check_log(open_log: Callable[[], EventLog], url: str) -> Finding:
    """Ask it for its topics."""
    scheme = url.partition("://")[0]
    try:
        topics = open_log().topics()
    except LogDenied as error:
        return wrong("event log", str(error), "Correct what it names; see docs/guides/kafka.md.")
    except LogError as error:
        return wrong(
            "event log", f"the {scheme} log does not answer: {error}",
            "Start it, and see that EVENT_LOG names it. The collector keeps events in its spool so long.",
        )  # fmt: skip
    if OTHER_EVENTS_TOPIC not in topics:
        return warning(
            "event log",
            f"the {scheme} log has no topics yet",
            "The first start of the web server makes them.",
        )
    return good("event log", f"the {scheme} log answers and has {len(topics)} topics")


def check_topics(open_log: Callable[[], EventLog]) -> Iterator[Finding]:
    """What is wrong with the cluster, and which topics are not as declared. Needs the database, and a log that answers."""
    for trouble in log_troubles(open_log):
        if trouble.ailment is not Ailment.UNREACHABLE:
            find = wrong if trouble.stops_events else warning
            yield find("event log", trouble.text, trouble.remedy)
    try:
        drifting = [each for each in topic_settings(open_log()) if each.drifts]
    except LogError:
        return
    if drifting:
        yield warning(
            "topics",
            f"{len(drifting)} are not as declared, {drifting[0].name} first: {drifting[0].drifts[0]}",
            "See `manage.py topics list`; `manage.py topics apply --all` puts on the log what is declared.",
        )
