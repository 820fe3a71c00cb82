"""What was typed about an API and a stream, checked and made what the reading needs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import httpx
import orjson

from ingestion.domain.mappings.expressions import BadExpression, Expression, compile_expression
from ingestion.sources.contract import Settings, SourceRefused

MAX_PAGE_SIZE = 10_000
MAX_PER_MINUTE = 100_000
SECRETS = ("api_key", "password", "token", "client_secret")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OWN = {
    "authorization", "cookie", "proxy-authorization", "host", "content-length", "content-type", "accept-encoding",
    "transfer-encoding", "connection",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter whose value is put into a text."""

    name: str
    text: str = "{cursor}"

    def filled(self, value: str) -> str:
        """Its value."""
        return self.text.replace("{cursor}", value)


@dataclass(frozen=True, slots=True)
class Api:
    """Where an API is and how one speaks to it. `secrets` are what must never be repeated to anybody."""

    base: httpx.URL
    headers: Mapping[str, str]
    per_minute: int | None
    secrets: tuple[str, ...]
    hidden: str
    """The parameter of the query that carries the key; empty when none does."""

    @classmethod
    def of(cls, settings: Settings) -> "Api":
        """Raises SourceRefused."""
        secrets = tuple(settings[name] for name in SECRETS if settings.get(name))
        hidden = settings.get("key_name", "") if settings.get("auth") == "query" else ""
        per_minute = _number(settings, "requests_per_minute", "Requests a minute", MAX_PER_MINUTE)
        base = address(settings.get("base_url", ""), "The base URL")
        return cls(base, _headers(settings.get("headers", "")), per_minute, secrets, hidden)


@dataclass(frozen=True, slots=True)
class Resource:
    """What is asked for, and how pages and what is new are."""

    path: str
    method: str
    query: tuple[tuple[str, str], ...]
    body: Mapping[str, Any]
    records: Expression | None
    records_text: str
    pagination: str
    next: Expression | None
    page_parameter: str
    first_page: int
    size_parameter: str
    page_size: int | None
    cursor: Parameter | None
    until: Parameter | None
    cursor_format: str
    fingerprint: str
    """Of all that a place between two pages depends on."""

    @classmethod
    def of(cls, settings: Settings) -> "Resource":
        """Raises SourceRefused."""
        given = {key: settings.get(key, "") for key in _PAGED}
        pagination = settings.get("pagination") or "detect"
        first = _number(settings, "first_page", "The number of the first page", 1000, least=0)
        return cls(
            path=_path(settings.get("path", "")), method=settings.get("method") or "GET", query=_query(settings.get("query", "")),
            body=_body(settings.get("body", "")), records=_expression(settings, "records"), records_text=settings.get("records", ""),
            pagination=pagination, next=_expression(settings, "next"), page_parameter=settings.get("page_parameter", ""),
            first_page=1 if first is None else first,
            size_parameter=settings.get("size_parameter", ""),
            page_size=_number(settings, "page_size", "Records on a page", MAX_PAGE_SIZE),
            cursor=_parameter(settings, "cursor_parameter"), until=_parameter(settings, "until_parameter"),
            cursor_format=settings.get("cursor_format") or "as_is",
            fingerprint=blake2b(orjson.dumps(given, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest(),
        )  # fmt: skip


_PAGED = (
    "base_url", "path", "method", "query", "body", "records", "pagination", "next", "page_parameter", "first_page", "size_parameter",
    "page_size", "cursor_parameter", "cursor_format",
)  # fmt: skip


def address(typed: str, what: str) -> httpx.URL:
    """An address that can be called. Raises SourceRefused."""
    try:
        url = httpx.URL(typed.strip())
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise SourceRefused(f"{what} is an address like https://api.example.com/v2.")
    if url.userinfo or url.query or url.fragment:
        raise SourceRefused(f"{what} has neither user nor parameters in it: they have fields of their own.")
    return url


def _path(typed: str) -> str:
    if "?" in typed or "#" in typed or "://" in typed or typed.startswith("//") or "\\" in typed:
        raise SourceRefused(
            "A path stands after the base URL, such as /customers, and its parameters have a field of their own."
        )
    if ".." in typed.split("/"):
        raise SourceRefused("A path does not lead out of the base URL.")
    return typed.strip()


def _headers(typed: str) -> dict[str, str]:
    headers = {}
    for line in filter(None, map(str.strip, typed.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name.strip()) or not value.isascii() or not value.isprintable():
            raise SourceRefused(f"More headers: “{name[:40]}” is no line like X-Tenant: shop-7.")
        if name.strip().lower() in _OWN:
            raise SourceRefused(
                f"More headers: {name.strip()} is set by itself; for logins there is “Authentication”."
            )
        headers[name.strip()] = value.strip()
    return headers


def _query(typed: str) -> tuple[tuple[str, str], ...]:
    lines = [line.partition("=") for line in filter(None, map(str.strip, typed.splitlines()))]
    if any(not equals or not name.strip() for name, equals, _ in lines):
        raise SourceRefused(
            "Write each parameter of the query on a line of its own, such as sort=updated_at."
        )
    return tuple((name.strip(), value.strip()) for name, _, value in lines)


def _body(typed: str) -> Mapping[str, Any]:
    if not typed:
        return {}
    try:
        body = orjson.loads(typed)
    except orjson.JSONDecodeError as error:
        raise SourceRefused(f"The JSON body is no JSON: {error}.") from None
    if not isinstance(body, dict):
        raise SourceRefused("The JSON body is an object, such as {}.")
    return body


def _expression(settings: Settings, name: str) -> Expression | None:
    written = settings.get(name, "")
    try:
        return compile_expression(written) if written.strip() not in ("", "@") else None
    except BadExpression as bad:
        raise SourceRefused(f"“{written}” {bad}.") from None


def _parameter(settings: Settings, name: str) -> Parameter | None:
    typed = settings.get(name, "")
    if not typed:
        return None
    called, equals, text = typed.partition("=")
    if equals and "{cursor}" not in text:
        raise SourceRefused(
            f"“{typed}” has no {{cursor}} in it: write the name alone, or name=… {{cursor}} …."
        )
    return Parameter(called.strip(), text.strip()) if equals else Parameter(called.strip())


def _number(settings: Settings, name: str, label: str, most: int, *, least: int = 1) -> int | None:
    typed = settings.get(name, "")
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9 or not least <= int(typed) <= most:  # noqa: PLR2004
        raise SourceRefused(f"{label}: a whole number from {least} to {most:,}.")
    return int(typed)
