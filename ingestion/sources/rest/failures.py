"""What went wrong with an API, as a sentence that says what to do; nothing of it tells a secret."""

import ssl
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import httpx

from ingestion.sources.contract import SourceError, SourceRefused, SourceUnavailable

MAX_SAID = 200
_SHORTEST = 4  # characters of a secret that is looked for
_TELLING = (
    "message",
    "error_description",
    "detail",
    "title",
    "error",
    "errors",
    "reason",
    "description",
    "fault",
)
_WORDS = {
    401: "The API refused the login: the key, token or password is wrong, or has expired. Type a new one in the settings of the connection.",
    403: "The API refuses this login what is asked for: its secrets may have expired, or it lacks a permission.",
    404: "There is nothing at this path: check the path, and the base URL.",
    407: "A proxy in between asks for a login.",
}  # fmt: skip


def in_words(error: httpx.HTTPError) -> SourceError:
    """What httpx raised, as a SourceError."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return SourceRefused(
                "The encrypted connection could not be made: the certificate is not one for this host, has expired, or is not trusted here."
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return SourceUnavailable(
            "Nothing answers at this host and port: the API is down, or a firewall is in between."
        )
    if isinstance(error, httpx.TimeoutException):
        return SourceUnavailable("The API did not answer in time: it is down, or very busy.")
    return SourceUnavailable("The connection broke off before the answer had come.")


def of_status(status: int, said: Any, retry_after: float | None, secrets: Iterable[str]) -> SourceError:
    """An answer that is no success."""
    quoted = cleaned(told(said), secrets)
    quoted = f" It said: {quoted}" if quoted else ""
    if status == 429:  # noqa: PLR2004 -- HTTP's own number
        return SourceUnavailable(f"The API wants fewer requests just now.{quoted}", retry_after=retry_after)
    if status >= 500 or status in (408, 425):  # noqa: PLR2004 -- HTTP's own numbers
        return SourceUnavailable(
            f"The API has trouble of its own (status {status}).{quoted}", retry_after=retry_after
        )
    words = _WORDS.get(
        status, f"The API refused what was asked (status {status}): check the path and the parameters."
    )
    return SourceRefused(words + quoted)


def told(said: Any) -> str:
    """The sentence in an answer that says what is wrong; empty when there is none for people."""
    if isinstance(said, str):
        return "" if said.lstrip().startswith("<") else said
    if isinstance(said, list):
        return told(said[0]) if said else ""
    if isinstance(said, dict):
        return next(filter(None, (told(said[name]) for name in _TELLING if name in said)), "")
    return ""


def cleaned(text: str, secrets: Iterable[str]) -> str:
    """The text in one line, cut, without the secrets in any clothing that the client gives them."""
    line = " ".join(text.split())
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for worn in (secret, quote(secret, safe=""), b64encode(secret.encode()).decode()):
            if len(worn) >= _SHORTEST:
                line = line.replace(worn, "••••••")
    return line[:MAX_SAID]


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After asks for, as a number or a moment by the server's clock."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
