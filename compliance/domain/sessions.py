"""Open sessions of members of staff: begun at sign-in, seen at each request, ended by whoever may.

Each has a row of Django's and one of ours, which says whose it is. A session is over when its row of ours is gone,
has expired, or was not used for SESSION_IDLE_MINUTES: the next request with its cookie is nobody's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_changes
from compliance.enums import Operation
from compliance.models import LocalAccount, Role, User, UserSession

SEEN_EVERY = timedelta(minutes=1)

# Django's rows go too: a process of the release before asks only for them.
_END = """
WITH ended AS (
    DELETE FROM compliance_usersession
    WHERE user_id = ANY(%(users)s) AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
        AND (%(kept)s::bigint IS NULL OR id <> %(kept)s)
    RETURNING user_id, key_hash
), gone AS (
    DELETE FROM django_session USING ended
    WHERE encode(sha256(convert_to(session_key, 'UTF8')), 'hex') = ended.key_hash
)
SELECT u.username, count(*) FROM ended JOIN compliance_user u ON u.id = ended.user_id GROUP BY 1 ORDER BY 1
"""

_EXPIRE = """
WITH ended AS (
    DELETE FROM compliance_usersession WHERE expires_at <= %(now)s OR seen_at <= %(idle_since)s RETURNING key_hash
), gone AS (
    DELETE FROM django_session USING ended
    WHERE encode(sha256(convert_to(session_key, 'UTF8')), 'hex') = ended.key_hash
), old AS (
    DELETE FROM django_session WHERE expire_date <= %(now)s
)
SELECT count(*) FROM ended
"""


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a session is used: from which address, with which browser in plain words."""

    address: str
    name: str


def begin(
    *, user: User, key: str, at: Browser, lasts: timedelta, now: datetime, proved_at: datetime | None
) -> UserSession:
    """Keep that the user signed in with this session key. A row that the key has already is renewed."""
    values = {
        "user": user, "started_at": now, "seen_at": now, "expires_at": now + lasts, "proved_at": proved_at,
        "second_factor_at": None, "address": at.address[:45], "browser": at.name[:60],
    }  # fmt: skip
    session, _ = UserSession.objects.update_or_create(key_hash=hash_of(key), defaults=values)
    return session


def current(*, key: str, user_id: int, now: datetime) -> UserSession | None:
    """The open session of this key, or None when it has ended, expired, or is somebody else's.

    One that was begun without a second factor ends when a role of its user asks for one since.
    """
    asked = Role.objects.filter(group__user=OuterRef("user_id"), requires_second_factor=True)
    exempt = LocalAccount.objects.filter(user=OuterRef("user_id"), is_break_glass=True)
    found = UserSession.objects.filter(key_hash=hash_of(key), user=user_id)
    session = found.annotate(lacks_factor=Exists(asked) & ~Exists(exempt)).first()
    if session is None or session.expires_at <= now or session.seen_at <= now - idle_limit():
        return None
    return None if session.lacks_factor and session.second_factor_at is None else session


def seen(session: UserSession, *, now: datetime) -> None:
    """Keep that it is used, at most once a minute."""
    if session.seen_at <= now - SEEN_EVERY:
        UserSession.objects.filter(pk=session.pk).update(seen_at=now)
        session.seen_at = now


def carry_over(*, former: str, key: str) -> None:
    """The session has another key now, and is the same."""
    UserSession.objects.filter(key_hash=hash_of(former)).update(key_hash=hash_of(key))


def forget(*, key: str | None) -> None:
    """The session of this key is over, by its user's own doing."""
    if key is not None:
        UserSession.objects.filter(key_hash=hash_of(key)).delete()


def prove(session: UserSession, *, now: datetime, second_factor: bool = False) -> None:
    """Keep that its user gave a password just now, or a code of their second factor."""
    session.proved_at = now
    if second_factor:
        session.second_factor_at = now
    session.save(update_fields=["proved_at", "second_factor_at"])


def end_sessions(*, users: Collection[int], by: Actor, why: str) -> int:
    """End all sessions of these users, whose cookies open nothing from now on; how many were open.

    In one statement however many users there are, with an audit row for each who had any. Raises AccessDenied.
    """
    require(by, Operation.USERS_MANAGE)
    return _end(users, by, why)


def end_session(*, user: User, session_id: int, by: Actor) -> bool:
    """End one session of somebody; False when it was over already. Raises AccessDenied."""
    require(by, Operation.USERS_MANAGE)
    return bool(_end([user.pk], by, "by an administrator", ids=[session_id]))


def end_own(
    *, user: User, by: Actor, why: str, session_id: int | None = None, kept: int | None = None
) -> int:
    """End sessions of one's own: one of them, or all but the one that is kept."""
    return _end([user.pk], by, why, ids=None if session_id is None else [session_id], kept=kept)


def end_with_password(user: User) -> None:
    """End all sessions of a user whose password has changed: who changed it is in the trail already."""
    with connection.cursor() as cursor:
        cursor.execute(_END, {"users": [user.pk], "ids": None, "kept": None})


def open_sessions(*, user: User, now: datetime, limit: int = 100) -> Sequence[UserSession]:
    """Where the user is signed in, the last used first. Whoever calls this has asked whether it may be seen."""
    used = UserSession.objects.filter(user=user, expires_at__gt=now, seen_at__gt=now - idle_limit())
    return list(used.order_by("-seen_at", "-pk")[:limit])


def forget_ended(*, now: datetime) -> int:
    """Delete what has expired or was not used for too long; how many sessions that were."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"now": now, "idle_since": now - idle_limit()})
        (count,) = cursor.fetchone()
    return int(count)


def idle_limit() -> timedelta:
    """How long a session may be left alone."""
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def hash_of(key: str) -> str:
    """What is kept of a session's key: it is random, so that its plain hash tells nothing."""
    return sha256(key.encode()).hexdigest()


def _end(
    users: Collection[int], by: Actor, why: str, *, ids: list[int] | None = None, kept: int | None = None
) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_END, {"users": list(users), "ids": ids, "kept": kept})
            ended = dict(cursor.fetchall())
        record_changes(
            by, action="session.end",
            targets={f"user:{name}": {"sessions": count, "why": why} for name, count in ended.items()},
        )  # fmt: skip
    return sum(ended.values())
