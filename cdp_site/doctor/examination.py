"""The whole look."""

from collections.abc import Iterator

from django.conf import settings

from cdp_site.doctor.database import check_database
from cdp_site.doctor.finding import Finding, Verdict
from cdp_site.doctor.identifiers import check_identifier_key
from cdp_site.doctor.log import check_log, check_topics
from cdp_site.doctor.machine import check_disk, check_home, check_secrets
from streaming.database import conninfo
from streaming.event_log import event_log


def examine() -> Iterator[Finding]:
    """Everything, in the order in which one thing needs the other."""
    home = settings.HEADWATER_HOME
    yield (spool := check_home(home))
    if spool.verdict is not Verdict.WRONG:
        yield check_disk(home, settings.SPOOL_LIMIT_MB * 1024 * 1024)
    yield from check_secrets(home, settings.SECRET_KEY)
    database = list(check_database(conninfo()))
    yield from database
    broken = any(finding.verdict is Verdict.WRONG for finding in database)
    if not broken:
        yield check_identifier_key()
    if not broken or not settings.EVENT_LOG.startswith("postgres"):
        log = check_log(event_log, settings.EVENT_LOG)
        yield log
        if not broken and log.verdict is not Verdict.WRONG:
            yield from check_topics(event_log)
