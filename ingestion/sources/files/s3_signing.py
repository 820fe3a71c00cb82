"""Signing requests to a store that speaks S3: Signature Version 4, for requests without a body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class Keys:
    """Who asks, and where."""

    access: str
    secret: str = field(repr=False)
    region: str


def written_query(values: Mapping[str, str]) -> str:
    """The query of an address in the one form that can be signed."""
    return urlencode(values, safe=_UNRESERVED, quote_via=quote)


def signed_headers(keys: Keys, url: str) -> dict[str, str]:
    """The headers of a GET of this address, which is sent as it is written here, within some minutes."""
    request = AWSRequest("GET", url)
    S3SigV4Auth(Credentials(keys.access, keys.secret), "s3", keys.region).add_auth(request)
    return dict(request.headers.items())
