"""The event log: whether it can be reached, and holds the topics that everything begins with."""

from collections.abc import Callable

from cdp_site.doctor.finding import Finding, good, warning, wrong
from streaming.contracts.events import OTHER_EVENTS_TOPIC
from streaming.contracts.log import EventLog, LogError


def check_log(open_log: Callable[[], EventLog], url: str) -> Finding:
    """Ask it for its topics."""
    scheme = url.partition("://")[0]
    try:
        topics = open_log().topics()
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
