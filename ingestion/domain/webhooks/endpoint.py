"""A webhook as the collector needs it, ready to use, and reading all of them."""

import json
from collections.abc import Mapping as Headers
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from compliance.secrets import SecretsUnreadable, unseal
from ingestion.domain.mappings import Mapping, MappingInvalid, compile_mapping
from ingestion.domain.webhooks.schemes import BadScheme, Proof, Scheme, scheme_of
from ingestion.domain.webhooks.signatures import check
from ingestion.models import Webhook

HEADERS_KEY = "_headers"
MAX_WEBHOOKS = 2000
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
    former: str = ""
    former_until: datetime | None = None
    verify_token: str = ""
    headers: tuple[str, ...] = ()
    trouble: str = ""

    def secrets(self, now: datetime) -> Sequence[str]:
        """The secrets that hold now: the current one, and for a while the one before."""
        is_former_good = self.former and self.former_until is not None and now < self.former_until
        return [self.secret, self.former] if is_former_good else [self.secret]

    def prove(self, headers: Headers[str, str], body: bytes, *, now: datetime) -> str | None:
        """The signed id of the message, if it has one. Raises NotProven."""
        assert self.scheme is not None, "an endpoint in trouble takes nothing"
        return check(self.scheme, self.secrets(now), headers, body, now=now)

    def with_headers(self, record: Any, headers: Headers[str, str]) -> Any:
        """The record with those headers of the request that the mapping wants to see."""
        if not self.headers or not isinstance(record, dict):
            return record
        return {**record, HEADERS_KEY: {name: headers[name] for name in self.headers if name in headers}}


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
            former=secrets.get("former", ""), former_until=former_until,
            verify_token=secrets.get("verify_token", ""), headers=tuple(orjson.loads(headers)),
        )  # fmt: skip
    except (SecretsUnreadable, BadScheme, MappingInvalid, ValueError) as error:
        return Endpoint(pk, source_id, None, None, trouble=str(error)[:300])
