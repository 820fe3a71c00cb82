"""Follow the directory: leavers are shut out, group changes become roles, who comes back is let in again.

Nothing changes while the directory cannot be read, or says something that cannot be right.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import ldap
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction
from django.db.models import F

from compliance.domain.directory.applying import Outcome, apply
from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.groups import TooManyGroups
from compliance.domain.directory.reading import Found, Suspicious, read_all
from compliance.domain.directory.session import DirectoryAway, session_of
from compliance.models import DirectoryAccount, DirectorySync
from compliance.notices import notify, over

LONGEST_S = 25.0  # a leaver is out within 90 seconds (`cdp_site.directory`)
TELL_AFTER = 3  # runs in a row that could not read the directory
SHARE, AT_LEAST = 0.5, 5
AWAY, HELD = "directory_away", "directory_held"
KEY = "directory"
PAGE = "/admin/settings/directory/"
_LOCK = 0x6469726563746F72  # "director"


class SyncFailed(Exception):
    """The directory could not be read, and nothing was changed; the message says why."""


class SyncHeld(Exception):
    """What the directory says cannot be right, and nothing was changed; the message says what and how to go on."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account that belongs to the directory, as it is here."""

    user_id: int
    username: str
    is_active: bool
    has_left: bool
    roles: frozenset[str]


def sync(directory: Directory, *, now: datetime, force: bool = False) -> Outcome:
    """Do it once. One that runs at the same time elsewhere makes this one do nothing. Raises SyncFailed, SyncHeld."""
    with _alone() as alone:
        return _follow(directory, now=now, force=force) if alone else Outcome()


def _follow(directory: Directory, *, now: datetime, force: bool) -> Outcome:
    known = _known()
    try:
        found = _read(directory, list(known), now)
    except (DirectoryAway, TooManyGroups, ldap.LDAPError) as error:
        raise SyncFailed(_failed(error, now)) from error
    except Suspicious as odd:
        raise SyncHeld(_held(f"The directory cannot be right: {odd}.", now)) from odd
    if not force and (reason := _too_many(known, found)):
        raise SyncHeld(_held(reason, now))
    with transaction.atomic():
        outcome = apply(known, found, now=now)
        _succeeded(len(known), now)
    return outcome


def _read(directory: Directory, identities: list[str], now: datetime) -> Mapping[str, Found]:
    with session_of(directory, lasts_s=LONGEST_S) as session:
        return read_all(session, directory, identities, now=now) if identities else {}


def _known() -> dict[str, Account]:
    """The accounts that belong to the directory. Those with a password of ours, and superusers, are local."""
    rows = DirectoryAccount.objects.filter(
        user__is_superuser=False, user__password__startswith=UNUSABLE_PASSWORD_PREFIX
    )
    return {
        row.entry_id: Account(
            row.user_id, row.user.username, row.user.is_active, row.left_at is not None,
            frozenset(group.name for group in row.user.groups.all() if hasattr(group, "role")),
        )
        for row in rows.select_related("user").prefetch_related("user__groups__role")
    }  # fmt: skip


def _too_many(known: Mapping[str, Account], found: Mapping[str, Found]) -> str:
    """Why the answer is not believed: it would shut out more than a share of those who may sign in."""
    active = [identity for identity, each in known.items() if each.is_active]
    leaving = sum(bool(found[identity].closed) for identity in active)
    if leaving < AT_LEAST or leaving <= SHARE * len(active):
        return ""
    return (
        f"The directory would shut out {leaving:,} of {len(active):,} people at once. "
        "If that is right, run: manage.py sync_ldap --force"
    )


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other sync is at work, so that none applies what was read before another one's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _row() -> DirectorySync:
    return DirectorySync.objects.get_or_create(pk=1)[0]


def _succeeded(known: int, now: datetime) -> None:
    _row()
    DirectorySync.objects.filter(pk=1).update(
        ran_at=now, succeeded_at=now, failed_runs=0, trouble="", held="", known=known
    )
    over(AWAY, KEY, now=now)
    over(HELD, KEY, now=now)


def _failed(error: Exception, now: datetime) -> str:
    trouble = str(error) if isinstance(error, DirectoryAway | TooManyGroups) else _words(error)
    _row()
    DirectorySync.objects.filter(pk=1).update(ran_at=now, failed_runs=F("failed_runs") + 1, trouble=trouble)
    if _row().failed_runs >= TELL_AFTER:
        subject = "The directory cannot be read"
        body = f"{trouble}. Nobody signs in by it, and nobody who left is shut out. Local accounts sign in."
        notify(AWAY, subject, body, link=PAGE, key=KEY, now=now)
    return trouble


def _words(error: Exception) -> str:
    if isinstance(error, ldap.INVALID_CREDENTIALS):
        return "the directory refuses LDAP_BIND_DN with LDAP_BIND_PASSWORD"
    if isinstance(error, ldap.NO_SUCH_OBJECT):
        return "LDAP_USER_BASE or LDAP_GROUP_BASE is not there, or LDAP_BIND_DN may not see it"
    if isinstance(error, ldap.SIZELIMIT_EXCEEDED):
        return "the server gives LDAP_BIND_DN a part only of what is there: let it read all (OpenLDAP: olcLimits with size=unlimited)"
    return f"the directory answers {type(error).__name__}"


def _held(reason: str, now: datetime) -> str:
    _row()
    DirectorySync.objects.filter(pk=1).update(ran_at=now, failed_runs=0, trouble="", held=reason)
    over(AWAY, KEY, now=now)
    notify(HELD, "The directory's answer was not followed", reason, link=PAGE, key=KEY, now=now)
    return reason
