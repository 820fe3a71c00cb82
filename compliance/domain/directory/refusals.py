"""Why a directory refuses a right password, as far as it says: what people can do something about."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ldap.controls.ppolicy import PasswordPolicyControl

EXPIRED = "Your password in the directory has expired: set a new one there, then sign in here."
CLOSED = "Your account in the directory is closed: ask whoever looks after the directory."
LOCKED = "Your account in the directory is locked for now: wait, or ask whoever looks after the directory."

# Active Directory says these only after a right password (775 also after a wrong one, so that it is left out).
_OF_ACTIVE_DIRECTORY = {"532": EXPIRED, "773": EXPIRED, "533": CLOSED, "701": CLOSED}
_DATA = re.compile(r"\bdata ([0-9a-f]{3,4})\b")
# The password policy of OpenLDAP (draft-behera-ldap-password-policy): expired, locked, to be changed.
_OF_PASSWORD_POLICY = {0: EXPIRED, 1: LOCKED, 2: EXPIRED}


def refusal_of(error: Mapping[str, Any], controls: Sequence[Any]) -> str:
    """The reason in words; empty when the server gives none, as after a wrong password."""
    said = _DATA.search(str(error.get("info", "")))
    if said is not None:
        return _OF_ACTIVE_DIRECTORY.get(said[1], "")
    found = [*controls, *map(_decoded, error.get("ctrls", []))]
    reasons = [
        each.error for each in found if isinstance(each, PasswordPolicyControl) and each.error is not None
    ]
    return _OF_PASSWORD_POLICY.get(int(reasons[0]), "") if reasons else ""


def _decoded(control: tuple[str, bool, bytes]) -> Any:
    """A control of a refusal, which comes undecoded."""
    if control[0] != PasswordPolicyControl.controlType:
        return None
    decoded = PasswordPolicyControl()
    decoded.decodeControlValue(control[2])
    return decoded
