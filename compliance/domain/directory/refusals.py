"""Why a directory refuses a password, as far as it says: to whoever signs in, and to whoever tests the connection."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ldap.controls.ppolicy import PasswordPolicyControl

EXPIRED = "Your password in the directory has expired: set a new one there, then sign in here."
CLOSED = "Your account in the directory is closed: ask whoever looks after the directory."
LOCKED = "Your account in the directory is locked for now: wait, or ask whoever looks after the directory."
_CHANGE = "The directory wants you to choose another password: set one there, then sign in here."
_HOURS = (
    "The directory does not let you sign in at this hour: wait, or ask whoever looks after the directory."
)
_PLACES = "The directory lets you sign in on some computers only, and not here: ask whoever looks after the directory."


@dataclass(frozen=True, slots=True)
class Refusal:
    """`told` is for whoever signs in, and empty where it would tell strangers of accounts; `why` is for who tests."""

    told: str = ""
    why: str = ""


NONE = Refusal()

# The sub-codes of Active Directory's error 49. It says them after a right password alone, but for the first three: those
# are told to nobody who signs in, for a stranger would learn who has an account.
_OF_ACTIVE_DIRECTORY = {
    "525": Refusal(why="The directory knows nobody of this name (data 525)."),
    "52e": Refusal(why="It is wrong (data 52e)."),
    "775": Refusal(
        why="The account is locked after too many wrong passwords, whether this one is right or not (data 775)."
    ),
    "530": Refusal(_HOURS, "It is right, but the account may not sign in at this hour (data 530)."),
    "531": Refusal(
        _PLACES,
        "It is right, but the account may sign in on named computers only: add the domain controllers there (data 531).",
    ),
    "532": Refusal(EXPIRED, "It was right, but has expired (data 532)."),
    "533": Refusal(CLOSED, "It is right, but the account is disabled (data 533)."),
    "701": Refusal(CLOSED, "It is right, but the account has expired (data 701)."),
    "773": Refusal(_CHANGE, "It is right, but has to be changed before the next sign-in (data 773)."),
}
_DATA = re.compile(r"\bdata ([0-9a-f]{3,4})\b", re.IGNORECASE)
# The password policy of OpenLDAP (draft-behera-ldap-password-policy): expired, locked, to be changed. That an account is
# locked is said by servers only that were set to do so (olcPPolicyUseLockout).
_OF_PASSWORD_POLICY = {
    0: Refusal(EXPIRED, "It was right, but has expired."),
    1: Refusal(LOCKED, "The account is locked, whether this password is right or not."),
    2: Refusal(EXPIRED, "It is right, but has to be changed first."),
}


def refusal_of(error: Mapping[str, Any], controls: Sequence[Any]) -> Refusal:
    """The reason; NONE when the server gives none, as OpenLDAP after a wrong password."""
    said = _DATA.search(str(error.get("info", "")))
    if said is not None:
        code = said[1].lower()
        return _OF_ACTIVE_DIRECTORY.get(code, Refusal(why=f"The directory refuses it (data {code})."))
    found = [*controls, *map(_decoded, error.get("ctrls", []))]
    reasons = [
        each.error for each in found if isinstance(each, PasswordPolicyControl) and each.error is not None
    ]
    return _OF_PASSWORD_POLICY.get(int(reasons[0]), NONE) if reasons else NONE


def _decoded(control: tuple[str, bool, bytes]) -> Any:
    """A control of a refusal, which comes undecoded."""
    if control[0] != PasswordPolicyControl.controlType:
        return None
    decoded = PasswordPolicyControl()
    decoded.decodeControlValue(control[2])
    return decoded
