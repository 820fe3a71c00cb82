"""Wrong passwords by name and address, and who has to wait after too many of them (django-axes keeps them).

A name has to wait for a while at one address, where somebody guesses; and, after many more wrong passwords, for longer
wherever it comes from. So who guesses at one address locks that address out, and not the person. Names stand here as
keyed hashes only: people type passwords into that field. A name of nobody is treated like every other.
"""

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.db import connection, transaction
from django.db.models import Max, QuerySet, Sum

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.identifiers.hashing import keyed_hash
from compliance.models import User

AT_ONE_ADDRESS, WAIT = 5, timedelta(minutes=15)
EVERYWHERE, LONG_WAIT = 30, timedelta(hours=1)
KEPT = timedelta(days=1)
NOWHERE = "::"  # requests without an address, as through a socket of this machine

_COUNT = """
INSERT INTO axes_accessattempt
    (username, ip_address, user_agent, http_accept, path_info, get_data, post_data, attempt_time, failures_since_start)
VALUES (%(name)s, %(address)s, '', '', '', '', '', %(now)s, 1)
ON CONFLICT (username, ip_address, user_agent) DO UPDATE SET attempt_time = excluded.attempt_time,
    failures_since_start = CASE WHEN axes_accessattempt.attempt_time > %(since)s
        THEN axes_accessattempt.failures_since_start + 1 ELSE 1 END
"""


def locked_until(*, username: str, address: str, now: datetime) -> datetime | None:
    """When this name may be tried again at this address; None when it may be now."""
    tried = AccessAttempt.objects.filter(username=shown_as(username))
    here = tried.filter(
        ip_address=address or NOWHERE, attempt_time__gt=now - WAIT, failures_since_start__gte=AT_ONE_ADDRESS
    ).aggregate(last=Max("attempt_time"))["last"]
    all_over = _everywhere(shown_as(username), now)
    ends = [at + wait for at, wait in ((here, WAIT), (all_over, LONG_WAIT)) if at is not None]
    return max(ends, default=None)


def count_failure(*, username: str, address: str, now: datetime) -> None:
    """Keep that a wrong password was given."""
    values: dict[str, str | datetime] = {
        "name": shown_as(username),
        "address": address or NOWHERE,
        "now": now,
        "since": now - WAIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)


def forget_failures(*, username: str, address: str) -> None:
    """Somebody signed in with this name at this address."""
    AccessAttempt.objects.filter(username=shown_as(username), ip_address=address or NOWHERE).delete()


def locked_of(users: Collection[User], *, now: datetime) -> dict[int, datetime]:
    """Of these users those who have to wait, at one address at least, and until when."""
    names = {shown_as(user.username): user.pk for user in users}
    tried = AccessAttempt.objects.filter(username__in=names, attempt_time__gt=now - LONG_WAIT)
    found: dict[int, datetime] = {}
    for name, last, at_one in _by_name(tried.filter(failures_since_start__gte=AT_ONE_ADDRESS)):
        if last > now - WAIT and at_one >= AT_ONE_ADDRESS:
            found[names[name]] = last + WAIT
    for name, last, failures in _by_name(tried):
        if failures >= EVERYWHERE:
            found[names[name]] = last + LONG_WAIT
    return found


def unlock(*, user: User, by: Actor) -> None:
    """Let the user try again at once, wherever they are. Raises AccessDenied."""
    require(by, Operation.USERS_MANAGE)
    with transaction.atomic():
        AccessAttempt.objects.filter(username=shown_as(user.username)).delete()
        record_change(by, action="user.unlock", target=f"user:{user.username}")


def forget_old(*, now: datetime) -> int:
    """Delete what no longer keeps anybody out; how many rows that were."""
    with (
        connection.cursor() as cursor
    ):  # without loading them: there may be as many as somebody guessed names
        cursor.execute("DELETE FROM axes_accessattempt WHERE attempt_time < %s", [now - KEPT])
        return int(cursor.rowcount)


def shown_as(username: str) -> str:
    """What stands for this name, however it is written."""
    normal = unicodedata.normalize("NFKC", username).strip().casefold()
    return keyed_hash("sign-in name", normal).hex()


def _everywhere(name: str, now: datetime) -> datetime | None:
    tried = AccessAttempt.objects.filter(username=name, attempt_time__gt=now - LONG_WAIT)
    found = tried.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    return found["last"] if (found["failures"] or 0) >= EVERYWHERE else None


def _by_name(tried: QuerySet[AccessAttempt]) -> list[tuple[str, datetime, int]]:
    counted = (
        tried.order_by()
        .values("username")
        .annotate(last=Max("attempt_time"), failures=Sum("failures_since_start"))
    )
    return list(counted.values_list("username", "last", "failures"))
