"""API tokens: made, shown once, checked on every request, revoked."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.consent import use_for
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import Wish
from compliance.domain.approvals.using import use_or_ask
from compliance.domain.roles.limits import beyond
from compliance.domain.roles.values import Reach
from compliance.enums import Category, Operation
from compliance.forms import Forms
from compliance.known_sources import known_sources
from compliance.models import ApiToken, Role
from streaming.prepared import run_prepared

PREFIX = "hw_"
MAX_NAME = 80
SHOWN = 8  # characters of the secret that are kept to tell tokens apart
USE_NOTED_EVERY = timedelta(minutes=5)
# Asked on every request of the API, so it is not put together each time.
_FIELDS = [field.attname for field in ApiToken._meta.concrete_fields]  # noqa: SLF001 -- public by its documentation
_VALID = f"""
SELECT {", ".join(_FIELDS)} FROM compliance_apitoken
WHERE hash = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %s)
"""
_NOTE_USE = "UPDATE compliance_apitoken SET last_used_at = %s WHERE id = %s"
_PLAIN = Forms(frozenset(category for category in Category if not category.is_sensitive))


class TokenError(ValueError):
    """The token cannot be made; the message says why and what to do."""


def create_token(
    *,
    name: str,
    by: Actor,
    now: datetime,
    scopes: Sequence[str] = (),
    role: str | None = None,
    categories: Sequence[str] | None = None,
    hashed: Sequence[str] = (),
    hidden: Sequence[str] = (),
    sources: Sequence[int] | None = None,
    purpose: str = "",
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and its secret, which nobody can read again.

    It may do what the scopes (values of Operation) and the role allow, but nothing that `by` may not. Without
    `categories`, those that it sees clear, it sees what the role does, or what is not sensitive; of `hashed` it sees
    pseudonyms, and of `hidden` nothing. Without `sources` (ids) it sees those that `by` does. Raises TokenError,
    ApprovalNeeded.
    """
    require(by, Operation.TOKENS_MANAGE)
    operations, forms = _asked_for(scopes, role, categories, hashed, hidden)
    own = by.sources if sources is None else frozenset(sources)
    reach = Reach(operations, forms, frozenset({purpose} if purpose else ()), own)
    _check(name, reach, by)
    _check_end(expires_at, now)
    if purpose:
        use_for(purpose)  # raises when there is none
    use_or_ask(_wish(name.strip(), reach, expires_at, now), by=by, now=now)
    return _make(name.strip(), reach, expires_at, by, now)


def create_approved(payload: Mapping[str, Any], *, by: Actor, now: datetime) -> tuple[ApiToken, str]:
    """Make the token that was asked for and approved, as it was asked for. Raises TokenError, ApprovalNeeded."""
    days = payload["days"]
    return create_token(
        name=payload["name"], scopes=payload["operations"], categories=payload["clear"], hashed=payload["hashed"],
        hidden=payload["hidden"], sources=payload["sources"], purpose=payload["purpose"], by=by, now=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )  # fmt: skip


def revoke_token(*, token: ApiToken, by: Actor, now: datetime) -> None:
    """Refuse the token from the next request on. Repeating it changes nothing."""
    require(by, Operation.TOKENS_MANAGE)
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            record_change(by, action="token.revoke", target=f"token:{token.pk}", detail={"name": token.name})
    token.refresh_from_db()


def authenticate(secret: str, *, now: datetime) -> ApiToken | None:
    """The valid token with this secret, or None. What is compared is a hash, so that timing tells nothing."""
    if not secret.startswith(PREFIX):
        return None
    rows = run_prepared(_VALID, [_hash(secret), now])
    if not rows:
        return None
    token = ApiToken.from_db(DEFAULT_DB_ALIAS, _FIELDS, rows[0])
    _note_use(token, now)
    return token


def _note_use(token: ApiToken, now: datetime) -> None:
    """Coarsely: each busy token writes once in some minutes, not on each request."""
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        run_prepared(_NOTE_USE, [now, token.pk], commits=True)


def _asked_for(
    scopes: Sequence[str],
    role: str | None,
    categories: Sequence[str] | None,
    hashed: Sequence[str],
    hidden: Sequence[str],
) -> tuple[frozenset[Operation], Forms]:
    given = _role(role) if role else None
    try:
        operations = frozenset(map(Operation, scopes))
        chosen = None if categories is None else frozenset(map(Category, categories))
        pseudonymous, left_out = frozenset(map(Category, hashed)), frozenset(map(Category, hidden))
    except ValueError as error:
        raise TokenError(
            f"{error}; scopes are {', '.join(Operation)}; categories are {', '.join(Category)}"
        ) from error
    if given is not None:
        operations |= given.allowed_operations
    if chosen is None:
        forms = given.forms if given else _PLAIN
        narrowed = pseudonymous | left_out
        return operations, Forms(
            forms.clear - narrowed,
            (forms.hashed | pseudonymous) - left_out,
            (forms.hidden | left_out) - pseudonymous,
        )
    of_role = given.forms.hidden - chosen - pseudonymous if given else frozenset()
    return operations, Forms(chosen - pseudonymous - left_out, pseudonymous - left_out, left_out | of_role)


def _role(name: str) -> Role:
    found = Role.objects.filter(group__name=name).first()
    if found is None:
        raise TokenError(f"there is no role {name!r}")
    return found


def _check(name: str, reach: Reach, by: Actor) -> None:
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise TokenError(
            f"a token needs a name of at most {MAX_NAME} characters that says which program has it"
        )
    if not reach.operations:
        raise TokenError(f"a token needs at least one scope of {', '.join(Operation)}")
    if unknown := (reach.sources or frozenset()) - known_sources().keys() - (by.sources or frozenset()):
        raise TokenError(f"there is no source {min(unknown)}: choose others")
    if missing := beyond(reach, by):
        raise TokenError(
            f"the token would allow more than {by.name} may: leave out what you may not do or see ({'; '.join(missing)})"
        )


def _check_end(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise TokenError("the token would have expired already: choose a later time")


def _wish(name: str, reach: Reach, expires_at: datetime | None, now: datetime) -> Wish:
    """What a second person is asked for; `create_approved` reads it."""
    columns = _columns(reach)
    payload = {
        "name": name, "operations": columns["scopes"], "clear": columns["categories"],
        **{part: columns[part] for part in ("hashed", "hidden", "sources", "purpose")},
        "days": expires_at and round((expires_at - now) / timedelta(days=1), 3),
    }  # fmt: skip
    return Wish(ApprovalKind.MAKE_TOKEN, f"API token {name}", payload)


def _make(
    name: str, reach: Reach, expires_at: datetime | None, by: Actor, now: datetime
) -> tuple[ApiToken, str]:
    secret, columns = PREFIX + secrets.token_urlsafe(32), _columns(reach)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name, hash=_hash(secret), prefix=secret[: len(PREFIX) + SHOWN], created_at=now, created_by=by.name,
            expires_at=expires_at, **columns,
        )  # fmt: skip
        detail = {"name": name, **columns}
        record_change(by, action="token.create", target=f"token:{token.pk}", detail=detail)
    return token, secret


def _columns(reach: Reach) -> dict[str, Any]:
    """What a token may do and see, as its row has it."""
    forms, own = reach.forms, reach.sources
    return {
        "scopes": sorted(reach.operations),
        "categories": sorted(forms.clear),
        "hashed": sorted(forms.hashed),
        "hidden": sorted(forms.hidden),
        "sources": None if own is None else sorted(own),
        "purpose": next(iter(reach.purposes), ""),
    }


def _hash(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
