"""A webhook as the collector needs it, ready to use, and reading all of them."""

import json
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from compliance.secrets import SecretsUnreadable, unseal
from ingestion.domain.mappings import Mapping, MappingInvalid, compile_mapping
from ingestion.domain.webhooks.schemes import BadScheme, Proof, Scheme, scheme_of
from ingestion.domain.webhooks.signatures import Headers, Lock
from ingestion.models import Webhook

HEADERS_KEY = "_headers"
MAX_WEBHOOKS = 2000
FORMER = (
    "former",
    "former_2",
    "former_3",
)  # the names of former secrets among those that are sealed, the last one first
_FIELDS = (
    "public_id", "pk", "source_id", "scheme", "scheme_settings", "secrets", "former_until", "headers", "mapping",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook, compiled. With `trouble` it cannot take anything, which is our fault and not the sender's."""

    id: int
    source_id: int
    scheme: Scheme | None
    mapping: Mapping | None
    secret: str = ""
    former: tuple[str, ...] = ()
    former_until: datetime | None = None
    verify_token: str = ""
    headers: tuple[str, ...] = ()
    trouble: str = ""
    _lock: Lock | None = field(init=False, repr=False, compare=False)
    _wide_lock: Lock | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the locks: one for the current secret, one that former ones open too."""
        scheme, secrets = self.scheme, [self.secret, *self.former]
        object.__setattr__(self, "_lock", Lock(scheme, secrets[:1]) if scheme else None)
        object.__setattr__(self, "_wide_lock", Lock(scheme, secrets) if scheme and self.former else None)

    def secrets(self, now: datetime) -> Sequence[str]:
        """The secrets that hold now: the current one, and for a while those before."""
        return [self.secret, *self.former] if self._holds_former(now) else [self.secret]

    def prove(self, headers: Headers, body: bytes, *, now: datetime) -> str | None:
        """The signed id of the message, if it has one. Raises NotProven."""
        lock = self._wide_lock if self._holds_former(now) else self._lock
        assert lock is not None, "an endpoint in trouble takes nothing"
        return lock.check(headers, body, now=now)

    def shown(self, headers: Headers) -> dict[str, str]:
        """Those headers of a request that the mapping wants to see."""
        found = ((name, headers.get(name.encode())) for name in self.headers)
        return {name: value.decode("latin-1") for name, value in found if value is not None}

    def with_headers(self, record: Any, headers: Headers) -> Any:
        """The record with the headers that the mapping wants to see."""
        if not self.headers or not isinstance(record, dict):
            return record
        return {**record, HEADERS_KEY: self.shown(headers)}

    def _holds_former(self, now: datetime) -> bool:
        return self.former_until is not None and bool(self.former) and now < self.former_until


def former_secrets(secrets: AnyMapping[str, str]) -> tuple[str, ...]:
    """The former ones of what is sealed, the last one first."""
    return tuple(secrets[name] for name in FORMER if secrets.get(name))


def load_endpoints() -> dict[str, Endpoint]:
    """All webhooks that take payloads, by the id in their address. Raises django.db.Error."""
    rows = Webhook.objects.filter(disabled_at=None, source__disabled_at=None).values_list(*_FIELDS)[
        :MAX_WEBHOOKS
    ]
    return {
        row[0]: _made(*(orjson.dumps(each) if isinstance(each, dict | list) else each for each in row))
        for row in rows
    }


@lru_cache(maxsize=MAX_WEBHOOKS)
def _made(  # noqa: PLR0917 -- a row
    public_id: str, pk: int, source_id: int, scheme: str, settings: bytes, sealed: str,
    former_until: datetime | None, headers: bytes, mapping: str,
) -> Endpoint:  # fmt: skip
    """The endpoint of a row; its content is the key, for it is read each second and changes once a year."""
    del public_id
    try:
        secrets = unseal(sealed)
        made = scheme_of(scheme, orjson.loads(settings))
        if made.proof is not Proof.ADDRESS and not secrets.get("current"):
            return Endpoint(pk, source_id, None, None, trouble="the webhook has no secret")
        return Endpoint(
            pk, source_id, made, compile_mapping(json.loads(mapping)), secret=secrets.get("current", ""),
            former=former_secrets(secrets), former_until=former_until,
            verify_token=secrets.get("verify_token", ""), headers=tuple(orjson.loads(headers)),
        )  # fmt: skip
    except (SecretsUnreadable, BadScheme, MappingInvalid, ValueError) as error:
        return Endpoint(pk, source_id, None, None, trouble=str(error)[:300])
