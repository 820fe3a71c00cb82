"""Second factors of users: an app with codes (TOTP), recovery codes, and which roles ask for one."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from urllib.parse import quote, urlencode

import segno
from django.db import transaction
from django_otp.oath import TOTP

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, Wish, takes_approval
from compliance.domain.passwords import ALPHABET, refuse_more_than
from compliance.domain.sessions import end_own, end_sessions
from compliance.domain.users import UserError
from compliance.enums import ActorKind, Operation
from compliance.identifiers.hashing import key_for
from compliance.models import Authenticator, LocalAccount, RecoveryCode, Role, User
from compliance.notices.audience import only
from compliance.notices.telling import notify
from compliance.secrets import seal, unseal

DIGITS, TOLERANCE, FIRST_TOLERANCE = 6, 1, 3  # steps of half a minute that a clock may be off; more at first
RECOVERY_CODES, MOST_FAILURES = 10, 10  # after ten failures in a row one waits for nine minutes each time
ISSUER = "Headwater"


class Answer(Enum):
    """What became of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_SOON = "too soon"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the app is to be told: its secret as text and as a picture (SVG)."""

    secret: str
    qr_code: str


def has_one(user: User) -> bool:
    """Whether the user is asked for a code when they sign in."""
    return Authenticator.objects.filter(user=user, confirmed=True).exclude(
        user__local_account__is_break_glass=True
    ).exists()  # fmt: skip


def needs_one(user: User) -> bool:
    """Whether a role of the user asks for a second factor. A break-glass account has to work without."""
    if LocalAccount.objects.filter(user=user, is_break_glass=True).exists():
        return False
    return Role.objects.filter(group__user=user, requires_second_factor=True).exists()


def require_of_role(*, role: Role, required: bool, by: Actor, approved_by: str = "") -> bool:
    """Have members of the role need a second factor from their next request on, or no longer; False when it is so already.

    Nobody takes it alone from a role that they have themselves. Raises UserError, ApprovalNeeded, AccessDenied.
    """
    require(by, Operation.ROLES_MANAGE)
    with transaction.atomic():
        found = Role.objects.select_for_update(of=("self",)).select_related("group").get(pk=role.pk)
        if found.requires_second_factor == required:
            return False
        if not approved_by:
            _may_take_another(found, by, required=required)
        Role.objects.filter(pk=found.pk).update(requires_second_factor=required)
        two = {"approved_by": approved_by} if approved_by else {}
        record_change(
            by,
            action="role.second_factor",
            target=f"role:{found.group.name}",
            detail={"required": required, **two},
        )
    return True


def _may_take_another(role: Role, by: Actor, *, required: bool) -> None:
    """Raise ApprovalNeeded where a change of a role takes a second person, and UserError where it takes another one."""
    name = role.group.name
    if takes_approval(ApprovalKind.CHANGE_ROLE, by):
        words = ("asked for", "not asked for")
        told = {"Second factor": [words[required], words[not required]]}
        payload = {"role": role.pk, "second_factor": required, "told": told}
        raise ApprovalNeeded(Wish(ApprovalKind.CHANGE_ROLE, f"Second factor of the role {name}", payload))
    is_own = by.kind is not ActorKind.SYSTEM and role.group.user_set.filter(username=by.name).exists()
    if is_own and not required:
        raise UserError(
            f"you have the role {name} yourself: have somebody who has it not switch this off, or have changes of roles "
            "take a second person and ask for it"
        )


def begin_enrolment(user: User) -> Enrolment:
    """A new secret for the user's app, or the one that was begun and not confirmed yet. Raises UserError."""
    if LocalAccount.objects.filter(user=user, is_break_glass=True).exists():
        raise UserError("a break-glass account has no second factor: it must work when nothing else does")
    begun, _ = Authenticator.objects.get_or_create(
        user=user, confirmed=False,
        defaults={"name": "app", "secret": seal({"key": secrets.token_hex(20)})},
    )  # fmt: skip
    text = base64.b32encode(_key(begun)).decode()
    return Enrolment(text, _picture(f"otpauth://totp/{ISSUER}:{quote(user.username)}", text))


def confirm(*, user: User, code: str, by: Actor, now: datetime) -> list[str] | None:
    """Take the app into use when it shows this code; new recovery codes, to be shown once, or None."""
    with transaction.atomic():
        begun = Authenticator.objects.select_for_update().filter(user=user, confirmed=False).first()
        if begun is None or not _is_allowed(begun) or not _matches(begun, code, FIRST_TOLERANCE, now):
            return None
        Authenticator.objects.filter(user=user, confirmed=True).delete()
        begun.confirmed = True
        begun.throttle_reset(commit=False)
        begun.save()
        record_change(by, action="second_factor.enrol", target=f"user:{user.username}")
        return _new_codes(user)


def renew_codes(*, user: User, by: Actor) -> list[str]:
    """Ten new recovery codes in place of the former ones, to be shown once. Raises UserError."""
    if not has_one(user):
        raise UserError("there is no second factor yet: set up an app first")
    with transaction.atomic():
        record_change(by, action="second_factor.codes", target=f"user:{user.username}")
        return _new_codes(user)


def verify(*, user: User, typed: str, by: Actor, now: datetime) -> Answer:
    """Whether this is a code of the user's app, or a recovery code; neither is taken twice.

    After each wrong one it takes twice as long until another is looked at.
    """
    with transaction.atomic():
        app = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
        if app is None:
            return Answer.WRONG
        if not _is_allowed(app):
            return Answer.TOO_SOON
        code = "".join(typed.split()).lower()
        if _matches(app, code, TOLERANCE, now):
            app.throttle_reset(commit=True)
            return Answer.RIGHT
        if RecoveryCode.objects.filter(user=user, hash=_hash(user, code)).delete()[0]:
            app.throttle_reset(commit=True)
            record_change(by, action="second_factor.recover", target=f"user:{user.username}")
            return Answer.RIGHT
        app.throttle_increment(commit=False)
        app.throttling_failure_count = min(app.throttling_failure_count, MOST_FAILURES)
        app.save()
        record_change(by, action="sign_in.wrong_code", target=f"user:{user.username}")
        return Answer.WRONG


def remove_own(*, user: User, password: str, by: Actor, kept: int | None) -> None:
    """Sign in without a code from now on; other sessions end. Raises UserError."""
    if needs_one(user):
        raise UserError("your role asks for a second factor: set up another app instead")
    if not user.check_password(password):
        raise UserError("the password is wrong: type it again")
    with transaction.atomic():
        _remove(user)
        end_own(user=user, by=by, why="second factor removed", kept=kept)
        record_change(by, action="second_factor.remove", target=f"user:{user.username}")


def reset(*, user: User, by: Actor, now: datetime) -> None:
    """Take the second factor of somebody who lost it; they are told, and their sessions end. Raises UserError."""
    require(by, Operation.USERS_MANAGE)
    if by.name == user.username:
        raise UserError(
            "remove your own second factor on your account page, where your password is asked for"
        )
    refuse_more_than(by, user)
    with transaction.atomic():
        _remove(user)
        end_sessions(users=[user.pk], by=by, why="second factor reset")
        record_change(by, action="second_factor.reset", target=f"user:{user.username}")
        notify(
            "second_factor_reset", "Your second factor was reset",
            f"{by.name} reset it: you sign in without a code until you set up another app. If you did not ask for it, tell them.",
            link="/admin/account/", audience=only(user.username), now=now, key=f"user:{user.pk}:{now.isoformat()}",
        )  # fmt: skip


def codes_left(user: User) -> int:
    """How many recovery codes were not used."""
    return RecoveryCode.objects.filter(user=user).count()


def _remove(user: User) -> None:
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _is_allowed(app: Authenticator) -> bool:
    allowed: bool = app.verify_is_allowed()[0]
    return allowed


def _matches(app: Authenticator, code: str, tolerance: int, now: datetime) -> bool:
    """Whether the app shows this; then it and those before it are used up, and the clock is known better."""
    if len(code) != DIGITS or not (code.isascii() and code.isdecimal()):
        return False
    shown = TOTP(_key(app), digits=DIGITS, drift=app.drift)
    shown.time = now.timestamp()
    if not shown.verify(int(code), tolerance, app.last_step + 1):
        return False
    app.last_step, app.drift = shown.t(), shown.drift
    return True


def _key(app: Authenticator) -> bytes:
    return bytes.fromhex(unseal(app.secret)["key"])


def _picture(address: str, secret: str) -> str:
    values = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": 30})
    return str(
        segno.make(f"{address}?{values}", error="m").svg_inline(
            scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
        )
    )


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, hash=_hash(user, code)) for code in codes])
    return codes


def _hash(user: User, code: str) -> str:
    """Of a code with or without its dash; of another key than other hashes, and for this user alone."""
    text = f"{user.pk}\0{code.replace('-', '')}".encode("utf-8", "surrogatepass")
    return blake2b(text, key=key_for(b"recovery"), digest_size=16).hexdigest()
