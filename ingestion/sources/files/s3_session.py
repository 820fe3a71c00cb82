"""A session with a store that speaks S3; nothing waits for ever, and what goes wrong is said in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pyarrow import ArrowInvalid
from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

from ingestion.sources.contract import Settings, SourceError, SourceRefused, SourceUnavailable
from ingestion.sources.files.s3 import PLAIN
from ingestion.sources.hosts import checked_addresses

CONNECT_S = 10
ANSWER_S = 30
ATTEMPTS = 2
_ENDPOINT = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]{0,253}|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
_MOST_PORT = 65535
_Kind = type[SourceError]
_RULES: tuple[tuple[str, _Kind, str], ...] = (
    (r"NO_SUCH_BUCKET|bucket does not exist", SourceRefused, "There is no bucket of this name in the store."),
    (r"SIGNATURE_DOES_NOT_MATCH|INVALID_SIGNATURE", SourceRefused, "The store refused the secret key: it is wrong, or was replaced."),
    (r"INVALID_ACCESS_KEY_ID|InvalidAccessKey", SourceRefused, "The store does not know this access key: it is wrong, or was deleted."),
    (r"EXPIRED_TOKEN|TokenRefreshRequired|REQUEST_EXPIRED", SourceRefused, "The keys have expired: make new ones, and type them here."),
    (r"REQUEST_TIME_TOO_SKEWED", SourceRefused, "The clock of this machine and that of the store differ too much: set the one that is wrong."),
    (r"ACCESS_DENIED|HTTP status 403", SourceRefused, "The access key may not list or read that: allow it s3:ListBucket and s3:GetObject."),
    (r"resolve host", SourceUnavailable, "The name of the endpoint is not known: check how it is written."),
    (r"SSL|certificate|TLS", SourceRefused, "The encrypted connection could not be made: have the certificate mended, or choose another setting."),
    (r"timed? ?out|Timeout|SLOW_DOWN|SERVICE_UNAVAILABLE", SourceUnavailable, "The store did not answer in time."),
    (r"NETWORK_CONNECTION|connect", SourceUnavailable, "Nothing answers at this endpoint: the store is down, or a firewall is in between."),
    (r"NO_SUCH_KEY|not found|Path does not exist", SourceRefused, "There is no such folder in the bucket."),
)  # fmt: skip
_COMPILED = [(re.compile(pattern, re.IGNORECASE), kind, words) for pattern, kind, words in _RULES]


@contextmanager
def session(settings: Settings) -> Iterator[S3FileSystem]:
    """The store, with the keys that were typed and no others."""
    endpoint, is_plain = settings.get("endpoint", ""), settings.get("transport") == PLAIN
    if endpoint:
        _check(endpoint, is_plain)
    with _told_in_words():
        yield S3FileSystem(
            access_key=settings.get("access_key", ""), secret_key=settings.get("secret_key", ""),
            region=settings.get("region") or "us-east-1", endpoint_override=endpoint or None,
            scheme="http" if is_plain else "https", connect_timeout=CONNECT_S, request_timeout=ANSWER_S,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        )  # fmt: skip


def root_of(settings: Settings) -> str:
    """The bucket and the beginning of the keys. Raises SourceRefused."""
    bucket, prefix = settings.get("bucket", ""), settings.get("prefix", "").strip("/")
    if not _BUCKET.fullmatch(bucket):
        raise SourceRefused("Give the name of the bucket alone, such as exports.")
    if {"", ".", ".."} & set(prefix.split("/")) and prefix:
        raise SourceRefused("A folder is a part of keys, such as crm/daily, without “..”.")
    return f"{bucket}/{prefix}" if prefix else bucket


def _check(endpoint: str, is_plain: bool) -> None:  # noqa: FBT001 -- one of two
    found = _ENDPOINT.fullmatch(endpoint)
    port = int(found.group(2) or (80 if is_plain else 443)) if found else 0
    if found is None or not 0 < port <= _MOST_PORT:
        raise SourceRefused(
            "Give the endpoint as a host and a port, such as minio.example.com:9000, without http://."
        )
    checked_addresses(found.group(1), port)


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except SourceError:
        raise
    except (OSError, ArrowInvalid) as error:
        raise _in_words(str(error)) from None


def _in_words(said: str) -> SourceError:
    short = " ".join(said.split())[:200]
    for pattern, kind, words in _COMPILED:
        if pattern.search(said):
            return kind(f"{words} It said: {short}")
    return SourceUnavailable(f"The store could not be read. It said: {short}")
