"""The whole look."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from cdp_site.doctor.audit import check_audit_trail
from cdp_site.doctor.clock import check_time_sync, is_synchronised
from cdp_site.doctor.configuration import check_settings
from cdp_site.doctor.database import check_database
from cdp_site.doctor.finding import Finding, Verdict
from cdp_site.doctor.identifiers import check_identifier_key
from cdp_site.doctor.log import check_log, check_topics
from cdp_site.doctor.machine import check_disk, check_home, check_owner, check_secrets, check_watched
from cdp_site.doctor.neighbours import check_neighbours
from cdp_site.doctor.processes import check_processes
from cdp_site.doctor.sign_in import check_break_glass
from streaming.database import conninfo
from streaming.event_log import event_log


def examine(*, now: datetime) -> Iterator[Finding]:
    """Everything, in the order in which one thing needs the other."""
    yield from check_settings()
    yield from _machine()
    database = list(check_database(conninfo()))
    yield from database
    broken = any(finding.verdict is Verdict.WRONG for finding in database)
    if not broken:
        yield check_identifier_key()
    yield from _log(has_database=not broken)
    if not broken:
        yield from check_processes(now)
        yield from check_audit_trail()
        yield check_break_glass()
    yield from check_neighbours()


def _machine() -> Iterator[Finding]:
    home = settings.HEADWATER_HOME
    yield (spool := check_home(home))
    yield check_owner(home)
    if spool.verdict is not Verdict.WRONG:
        yield check_disk(home, settings.SPOOL_LIMIT_MB * 1024 * 1024)
    yield from check_secrets(home, settings.SECRET_KEY)
    yield from check_watched(settings.WATCHED_FOLDERS)
    yield check_time_sync(is_synchronised())


def _log(*, has_database: bool) -> Iterator[Finding]:
    if not has_database and settings.EVENT_LOG.startswith("postgres"):
        return
    log = check_log(event_log, settings.EVENT_LOG)
    yield log
    if has_database and log.verdict is not Verdict.WRONG:
        yield from check_topics(event_log)
