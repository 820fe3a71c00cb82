"""Wrong passwords by name and address, and who has to wait after too many of them (django-axes keeps them).

A name has to wait for a while at one place, where somebody guesses; and, after many more wrong passwords, for longer
wherever it comes from, but for places where it signed in before. So who guesses at one place locks that place out, and who
guesses at many keeps the person out of new places only. A place is an address, or a network of IPv6, of which one machine
has all addresses. Names stand here as keyed hashes only: people type passwords into that field. A name of nobody is
treated like every other.
"""

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from axes.models import AccessAttempt
from django.db import connection, transaction
from django.db.models import Max, QuerySet, Sum

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.identifiers.hashing import keyed_hash
from compliance.models import KnownPlace, User

AT_ONE_ADDRESS, WAIT = 5, timedelta(minutes=15)
EVERYWHERE, LONG_WAIT = 30, timedelta(hours=1)
KEPT = timedelta(days=1)
KNOWN_FOR = timedelta(days=90)  # since the last sign-in there
ONE_MACHINE = 64  # bits of an address of IPv6 that whoever has a network cannot choose
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
    """When this name may be tried again at this address; None when it may be now.

    What strangers did elsewhere does not count where the name signed in within KNOWN_FOR.
    """
    tried = AccessAttempt.objects.filter(username=shown_as(username))
    here = tried.filter(
        ip_address=place_of(address), attempt_time__gt=now - WAIT, failures_since_start__gte=AT_ONE_ADDRESS
    ).aggregate(last=Max("attempt_time"))["last"]
    all_over = None if _is_known(username, address, now) else _everywhere(shown_as(username), now)
    ends = [at + wait for at, wait in ((here, WAIT), (all_over, LONG_WAIT)) if at is not None]
    return max(ends, default=None)


def count_failure(*, username: str, address: str, now: datetime) -> None:
    """Keep that a wrong password was given."""
    values: dict[str, str | datetime] = {
        "name": shown_as(username),
        "address": place_of(address),
        "now": now,
        "since": now - WAIT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)


def signed_in(*, username: str, address: str, now: datetime) -> None:
    """Somebody signed in with this name at this address: what was wrong there counts no more, and the place is known."""
    name, place = shown_as(username), place_of(address)
    AccessAttempt.objects.filter(username=name, ip_address=place).delete()
    KnownPlace.objects.update_or_create(name=name, place=place, defaults={"seen_at": now})


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
        forgotten = int(cursor.rowcount)
        cursor.execute("DELETE FROM compliance_knownplace WHERE seen_at < %s", [now - KNOWN_FOR])
        return forgotten + int(cursor.rowcount)


def shown_as(username: str) -> str:
    """What stands for this name, however it is written."""
    normal = unicodedata.normalize("NFKC", username).strip().casefold()
    return keyed_hash("sign-in name", normal).hex()


def place_of(address: str) -> str:
    """What is counted as one place: the address, or the network of an address of IPv6."""
    try:
        parsed = ip_address(address or NOWHERE)
    except ValueError:
        return NOWHERE
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, ONE_MACHINE), strict=False).network_address)


def _is_known(username: str, address: str, now: datetime) -> bool:
    known = KnownPlace.objects.filter(name=shown_as(username), place=place_of(address))
    return known.filter(seen_at__gt=now - KNOWN_FOR).exists()


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
