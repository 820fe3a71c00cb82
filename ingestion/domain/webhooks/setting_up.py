"""Make, change, rotate and disable webhooks."""

import json
import secrets as random
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.secrets import seal, unseal
from ingestion.domain.mappings import MappingInvalid, compile_mapping
from ingestion.domain.sources import SourceError, source_named
from ingestion.domain.webhooks.endpoint import FORMER, MAX_WEBHOOKS, former_secrets
from ingestion.domain.webhooks.schemes import BadScheme, Handshake, Proof, scheme_of
from ingestion.domain.webhooks.signatures import STANDARD_PREFIX
from ingestion.models import Webhook

MAX_NAME = 100
MAX_SECRET = 500
MAX_HEADERS = 10
LONGEST_OVERLAP = timedelta(days=30)
_SECRET_BYTES = 32


class WebhookError(ValueError):
    """The webhook cannot be set up so; `field` and the message say where and why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a webhook should be. `headers` are the headers of requests that the mapping sees in `_headers`."""

    name: str
    scheme: str
    mapping: str
    scheme_settings: dict[str, Any] = field(default_factory=dict)
    headers: tuple[str, ...] = ()


def create_webhook(
    *, wanted: Wanted, source: str, secret: str, by: Actor, now: datetime, verify_token: str = ""
) -> tuple[Webhook, str]:
    """Make a webhook of the source of this name, which is made too when there is none.

    The secret, made when none is given, is told this once. Raises WebhookError.
    """
    require(by, Operation.SOURCES_MANAGE)
    _check(wanted)
    secret = _usable_secret(wanted, secret)
    _check_verify_token(wanted, verify_token)
    if Webhook.objects.count() >= MAX_WEBHOOKS:
        raise WebhookError(
            "name", f"there are {MAX_WEBHOOKS:,} webhooks already: use one of them for this too"
        )
    try:
        with transaction.atomic():
            webhook = Webhook.objects.create(
                public_id=random.token_urlsafe(24), name=wanted.name.strip(),
                source=source_named(name=source.strip() or wanted.name, by=by, now=now), scheme=wanted.scheme,
                scheme_settings=wanted.scheme_settings, headers=_headers(wanted), mapping=wanted.mapping,
                secrets=_sealed({"current": secret, "verify_token": verify_token}),
                created_at=now, created_by=by.name,
            )  # fmt: skip
            _record(by, "webhook.create", webhook, {"name": webhook.name, "scheme": webhook.scheme})
    except SourceError as error:
        raise WebhookError("source", str(error)) from None
    except IntegrityError:
        raise WebhookError("name", "there is a webhook of this name already: choose another one") from None
    return webhook, secret


def change_webhook(*, webhook: Webhook, wanted: Wanted, by: Actor) -> None:
    """Change everything but the secret; requests are taken by it within a second or two. Raises WebhookError."""
    require(by, Operation.SOURCES_MANAGE)
    _check(wanted)
    if scheme_of(wanted.scheme, wanted.scheme_settings).proof is not Proof.ADDRESS and not unseal(
        webhook.secrets
    ).get("current"):
        raise WebhookError("scheme", "this webhook has no secret yet: give it one first, under Secret")
    webhook.name, webhook.scheme, webhook.scheme_settings = (
        wanted.name.strip(),
        wanted.scheme,
        wanted.scheme_settings,
    )
    webhook.headers, webhook.mapping = _headers(wanted), wanted.mapping
    try:
        with transaction.atomic():
            webhook.save(update_fields=["name", "scheme", "scheme_settings", "headers", "mapping"])
            _record(by, "webhook.change", webhook, {"name": webhook.name, "scheme": webhook.scheme})
    except IntegrityError:
        raise WebhookError("name", "there is a webhook of this name already: choose another one") from None


def rotate_secret(*, webhook: Webhook, secret: str, overlap: timedelta, by: Actor, now: datetime) -> str:
    """Give it another secret, made when none is given; the one before holds for `overlap` more. Raises WebhookError.

    Former ones that still hold do so too, so that a rotation which is sent twice does not shut the sender out.
    """
    require(by, Operation.SOURCES_MANAGE)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise WebhookError("overlap", f"the former secret may hold for at most {LONGEST_OVERLAP.days} days")
    wanted = Wanted(webhook.name, webhook.scheme, webhook.mapping, webhook.scheme_settings)
    secret = _usable_secret(wanted, secret)
    with transaction.atomic():
        locked = Webhook.objects.select_for_update().get(pk=webhook.pk)
        locked.secrets = _sealed(
            _rotated(unseal(locked.secrets), secret, holds=_holds(locked.former_until, now))
        )
        locked.former_until = now + overlap
        locked.save(update_fields=["secrets", "former_until"])
        _record(by, "webhook.rotate_secret", webhook, {"former_until": locked.former_until.isoformat()})
    webhook.refresh_from_db()
    return secret


def _rotated(stored: dict[str, str], secret: str, *, holds: bool) -> dict[str, str]:
    former = [stored.get("current", ""), *(former_secrets(stored) if holds else ())]
    return {
        **stored,
        **dict.fromkeys(FORMER, ""),
        **dict(zip(FORMER, former, strict=False)),
        "current": secret,
    }


def _holds(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def set_enabled(*, webhook: Webhook, enabled: bool, by: Actor, now: datetime) -> None:
    """Take payloads again, or stop taking them: the sender is then answered 404."""
    require(by, Operation.SOURCES_MANAGE)
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(disabled_at=None if enabled else now)
        _record(by, "webhook.enable" if enabled else "webhook.disable", webhook, {})
    webhook.refresh_from_db()


def parsed_mapping(text: str) -> Any:
    """The document of a mapping as it was typed. Raises WebhookError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
        raise WebhookError("mapping", f"this is not JSON{where}") from None


def _check(wanted: Wanted) -> None:
    if not 0 < len(wanted.name.strip()) <= MAX_NAME:
        raise WebhookError("name", f"give the webhook a name of at most {MAX_NAME} characters")
    try:
        scheme_of(wanted.scheme, wanted.scheme_settings)
    except BadScheme as error:
        raise WebhookError(error.field, str(error)) from None
    try:
        compile_mapping(parsed_mapping(wanted.mapping))
    except MappingInvalid as error:
        raise WebhookError("mapping", str(error)) from None


def _headers(wanted: Wanted) -> list[str]:
    names = list(dict.fromkeys(name.strip().lower() for name in wanted.headers if name.strip()))
    signed = scheme_of(wanted.scheme, wanted.scheme_settings).header
    for name in names:
        if not name.replace("-", "").isalnum() or not name.isascii() or len(name) > MAX_NAME:
            raise WebhookError("headers", "the name of a header has letters, digits and -")
        if name in ("authorization", "cookie", signed):
            raise WebhookError("headers", f"{name} is a secret: it cannot become part of events")
    if len(names) > MAX_HEADERS:
        raise WebhookError("headers", f"a mapping sees at most {MAX_HEADERS} headers")
    return names


def _usable_secret(wanted: Wanted, secret: str) -> str:
    scheme = scheme_of(wanted.scheme, wanted.scheme_settings)
    secret = secret.strip()
    if scheme.proof is Proof.ADDRESS:
        return ""
    if len(secret) > MAX_SECRET or "\0" in secret:
        raise WebhookError("secret", f"a secret has at most {MAX_SECRET} characters")
    if scheme.proof is Proof.BASIC and secret and ":" not in secret:
        raise WebhookError("secret", "write user name and password with a colon between: sender:password")
    if secret:
        return secret
    made = random.token_bytes(_SECRET_BYTES)
    if scheme.has_versions:
        return STANDARD_PREFIX + b64encode(made).decode()
    return f"sender:{made.hex()}" if scheme.proof is Proof.BASIC else made.hex()


def _check_verify_token(wanted: Wanted, verify_token: str) -> None:
    needs = scheme_of(wanted.scheme, wanted.scheme_settings).handshake is Handshake.HUB
    if needs and not 0 < len(verify_token) <= MAX_NAME:
        raise WebhookError(
            "verify_token", "choose a verify token, and type the same one where you enter the address"
        )


def _sealed(values: dict[str, str]) -> str:
    return seal({key: value for key, value in values.items() if value})


def _record(by: Actor, action: str, webhook: Webhook, detail: dict[str, Any]) -> None:
    record_change(by, action=action, target=f"webhook:{webhook.pk}", detail=detail)
