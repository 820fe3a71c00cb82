"""Whether the directory has closed an account: disabled, expired, or locked until somebody opens it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from compliance.domain.directory.entries import Entry

ATTRIBUTES = (
    "userAccountControl", "accountExpires", "pwdAccountLockedTime", "pwdEndTime", "nsAccountLock",
    "krbPrincipalExpiration", "shadowExpire", "msDS-User-Account-Control-Computed", "pwdLastSet",
)  # fmt: skip
DISABLED, EXPIRED, LOCKED, PASSWORD = "disabled", "expired", "locked", "password"
_ACCOUNT_DISABLE = 0x2  # userAccountControl
_LOCKOUT, _PASSWORD_EXPIRED = 0x10, 0x800000  # msDS-User-Account-Control-Computed
_NEVER = {0, 2**63 - 1}  # accountExpires
_EPOCH_OF_WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)
_FOR_GOOD = "000001010000Z"  # pwdAccountLockedTime: until an administrator unlocks it


def closed_because(entry: Entry, *, now: datetime) -> str:
    """Why the account may not be used; empty when it may. A lock that passes by itself closes nothing."""
    for attribute, check in _CHECKS.items():
        value = entry.first(attribute)
        if value and (reason := check(value, now)):
            return reason
    return ""


def hindered_because(entry: Entry) -> str:
    """Why the directory lets nobody in with the account at this moment, as Active Directory says; empty when it does.

    This closes nothing: whoever mistypes a password of somebody else must not end their sessions and tokens.
    """
    control = _number(entry.first("msDS-User-Account-Control-Computed"))
    if control & _LOCKOUT:
        return LOCKED
    return PASSWORD if control & _PASSWORD_EXPIRED or entry.first("pwdLastSet") == "0" else ""


def _account_control(value: str, _now: datetime) -> str:
    return DISABLED if _number(value) & _ACCOUNT_DISABLE else ""


def _account_expires(value: str, now: datetime) -> str:
    """In tenths of microseconds since 1601."""
    ticks = _number(value)
    if ticks in _NEVER or ticks < 0:
        return ""
    return EXPIRED if timedelta(microseconds=ticks // 10) <= now - _EPOCH_OF_WINDOWS else ""


def _password_policy(value: str, _now: datetime) -> str:
    return LOCKED if value == _FOR_GOOD else ""


def _ends(value: str, now: datetime) -> str:
    """A generalised time, such as 20260131120000Z."""
    try:
        at = datetime.strptime(value[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return ""
    return EXPIRED if at <= now else ""


def _account_lock(value: str, _now: datetime) -> str:
    return DISABLED if value.lower() == "true" else ""


def _shadow(value: str, now: datetime) -> str:
    """In days since 1970; neither 0 nor -1 is a day."""
    days = _number(value)
    return EXPIRED if 0 < days <= now.timestamp() // 86400 else ""


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        return 0


_CHECKS: dict[str, Callable[[str, datetime], str]] = {
    "userAccountControl": _account_control,
    "accountExpires": _account_expires,
    "pwdAccountLockedTime": _password_policy,
    "pwdEndTime": _ends,
    "nsAccountLock": _account_lock,
    "krbPrincipalExpiration": _ends,
    "shadowExpire": _shadow,
}
