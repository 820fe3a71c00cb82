"""API tokens: made, shown once, checked on every request, revoked."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import DEFAULT_DB_ALIAS, transaction

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_change
from compliance.consent import use_for
from compliance.enums import Category, Operation
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
_PLAIN_CATEGORIES = frozenset(category for category in Category if not category.is_sensitive)


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
    purpose: str = "",
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and its secret, which nobody can read again.

    It may do what the scopes (values of Operation) and the role allow, but nothing that `by` may not. Without
    `categories` it sees those of the role, or those that are not sensitive. Raises TokenError.
    """
    require(by, Operation.TOKENS_MANAGE)
    operations, seen = _asked_for(scopes, role, categories)
    _check(name, operations, seen, by)
    if expires_at is not None and expires_at <= now:
        raise TokenError("the token would have expired already: choose a later time")
    if purpose:
        use_for(purpose)  # raises when there is none
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name.strip(), hash=_hash(secret), prefix=secret[: len(PREFIX) + SHOWN], scopes=sorted(operations),
            categories=sorted(seen), purpose=purpose, created_at=now, created_by=by.name, expires_at=expires_at,
        )  # fmt: skip
        record_change(
            by,
            action="token.create",
            target=f"token:{token.pk}",
            detail={
                "name": token.name,
                "scopes": token.scopes,
                "categories": token.categories,
                "purpose": purpose,
            },
        )
    return token, secret


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
    scopes: Sequence[str], role: str | None, categories: Sequence[str] | None
) -> tuple[frozenset[Operation], frozenset[Category]]:
    given = _role(role) if role else None
    try:
        operations = frozenset(map(Operation, scopes))
        chosen = None if categories is None else frozenset(map(Category, categories))
    except ValueError as error:
        raise TokenError(
            f"{error}; scopes are {', '.join(Operation)}; categories are {', '.join(Category)}"
        ) from error
    if given is not None:
        operations |= given.allowed_operations
    if chosen is None:
        chosen = given.allowed_categories if given else _PLAIN_CATEGORIES
    return operations, chosen


def _role(name: str) -> Role:
    found = Role.objects.filter(group__name=name).first()
    if found is None:
        raise TokenError(f"there is no role {name!r}")
    return found


def _check(name: str, operations: frozenset[Operation], categories: frozenset[Category], by: Actor) -> None:
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise TokenError(
            f"a token needs a name of at most {MAX_NAME} characters that says which program has it"
        )
    if not operations:
        raise TokenError(f"a token needs at least one scope of {', '.join(Operation)}")
    if operations - by.operations or categories - by.categories:
        raise TokenError(
            f"the token would allow more than {by.name} may: leave out what you may not do or see"
        )


def _hash(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
