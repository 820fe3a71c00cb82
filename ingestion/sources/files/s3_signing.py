"""Signing requests to a store that speaks S3: Signature Version 4, for requests without a body."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

_UNRESERVED = "-_.~"
_NOTHING = hashlib.sha256(b"").hexdigest()
_HEADERS = "host;x-amz-content-sha256;x-amz-date"


@dataclass(frozen=True, slots=True)
class Keys:
    """Who asks, and where."""

    access: str
    secret: str = field(repr=False)
    region: str


def written_query(values: Mapping[str, str]) -> str:
    """The query of an address in the one form that can be signed."""
    pairs = sorted(
        (quote(name, safe=_UNRESERVED), quote(value, safe=_UNRESERVED)) for name, value in values.items()
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def signed_headers(keys: Keys, host: str, path: str, query: str, *, now: datetime) -> dict[str, str]:
    """The headers of a GET of this path and query, both as they are written in the address; `now` is UTC."""
    at, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    scope = f"{day}/{keys.region}/s3/aws4_request"
    request = f"GET\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{_NOTHING}\nx-amz-date:{at}\n\n{_HEADERS}\n{_NOTHING}"
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys.secret}".encode()
    for part in (day, keys.region, "s3", "aws4_request"):
        key = _mac(key, part)
    signature = _mac(key, text).hex()
    return {
        "Host": host, "x-amz-content-sha256": _NOTHING, "x-amz-date": at,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={keys.access}/{scope},SignedHeaders={_HEADERS},Signature={signature}",
    }  # fmt: skip


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
