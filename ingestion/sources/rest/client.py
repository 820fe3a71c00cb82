"""Asks an API for one answer: with the login, within bounds, and never at another host than the one that was typed."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

import httpx
import orjson

from ingestion.sources.contract import (
    Settings,
    SourceError,
    SourceRefused,
    SourceUnavailable,
    StreamRefused,
)
from ingestion.sources.patience import longest_wait
from ingestion.sources.rest.authentication import Authentication
from ingestion.sources.rest.bodies import document, read_body
from ingestion.sources.rest.failures import in_words, of_status, retry_after
from ingestion.sources.rest.pace import Pace
from ingestion.sources.rest.settings import Api
from ingestion.sources.rest.transport import CheckedTransport

TIMEOUTS = httpx.Timeout(30.0, connect=10.0)
MAX_REDIRECTS = 5
TRIES = 3
PATIENCE_S = 10.0  # waits within a reading; a longer one lets the worker go
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EMPTY, _UNKNOWN = 204, 401
_PORTS = {"http": 80, "https": 443}
_JSON, _BEFORE_JSON = ("{", "[", '"'), " \t\r\n\0\ufeff\ufffd"
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "Headwater"}


pause = time.sleep


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the JSON value, the headers, and the address that it is from, without the key."""

    document: Any
    headers: httpx.Headers
    url: httpx.URL
    now: datetime
    """By the server's clock."""


class Refused(StreamRefused):
    """The API refused a request with this status: what was asked, not who asks."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """The API of a connection. Use it as a context: leaving it closes what is open."""

    def __init__(self, settings: Settings) -> None:
        self.api = Api.of(settings)
        self._pace = Pace(str(self.api.base), self.api.per_minute)
        self._client = httpx.Client(
            transport=CheckedTransport(), timeout=TIMEOUTS, follow_redirects=False, trust_env=False
        )
        self._authentication = Authentication(settings, self.api, self._token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._client.close()

    def address(self, path: str) -> httpx.URL:
        """The address of a path of the API."""
        begun = self.api.base.path.rstrip("/")
        return self.api.base.copy_with(
            path=f"{begun}/{path.lstrip('/')}" if path.strip("/") else begun or "/"
        )

    def ask(
        self,
        method: str,
        url: httpx.URL,
        *,
        params: httpx.QueryParams | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One answer of the API; the parameters replace those of the address. Raises SourceError, Refused among it."""
        url = self.own(url)
        if params:
            url = url.copy_merge_params(params)
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(method, url, body)
            except SourceUnavailable as away:
                wait = 0.5 if away.retry_after is None else away.retry_after
                if attempt == TRIES or wait > longest_wait(PATIENCE_S):
                    raise
                pause(wait)
        raise AssertionError("the last try returns or raises")

    def own(self, url: httpx.URL, *, what: str = "The address of the next page") -> httpx.URL:
        """The address without the key, if it is one of this API. Raises StreamRefused when it is another host's."""
        base = self.api.base
        if url.host == base.host and base.scheme == "https" and url.scheme == "http" and url.port is None:
            url = url.copy_with(
                scheme="https", port=base.port
            )  # an API behind something that ends the encryption
        if _origin(url) != _origin(base) or url.userinfo:
            raise StreamRefused(
                f"{what} leads to another host, {url.host[:100]}: nothing is sent there. If it is right, make it the base URL."
            )
        return (
            url.copy_remove_param(self.api.hidden)
            if self.api.hidden and self.api.hidden in url.params
            else url
        )

    def _once(self, method: str, url: httpx.URL, body: Mapping[str, Any] | None) -> Answer:
        answer = self._sent(method, url, body)
        if answer.status_code == _UNKNOWN and self._authentication.is_renewable:
            self._authentication.forget()
            answer = self._sent(method, url, body)
        now = _server_time(answer.headers)
        if answer.is_success:
            found = [] if answer.status_code == _EMPTY else self._json(answer)
            return Answer(found, answer.headers, self.own(answer.request.url), now)
        wait = retry_after(answer.headers.get("retry-after"), now)
        error = of_status(answer.status_code, _said(answer), wait, self._authentication.secrets)
        if answer.status_code == _UNKNOWN or isinstance(error, SourceUnavailable):
            raise error
        raise Refused(str(error), answer.status_code)

    def _sent(self, method: str, url: httpx.URL, body: Mapping[str, Any] | None) -> httpx.Response:
        for _ in range(MAX_REDIRECTS + 1):
            headers = {**_HEADERS, **self.api.headers, **self._authentication.headers()}
            keyed = url.copy_merge_params(self._authentication.query()) if self.api.hidden else url
            content = None if method == "GET" else orjson.dumps(body or {})
            if content is not None:
                headers["Content-Type"] = "application/json"
            answer = self._received(httpx.Request(method, keyed, headers=headers, content=content))
            if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
                return answer
            if answer.status_code == 303:  # noqa: PLR2004 -- HTTP's own number
                method = "GET"
            url = self.own(_joined(url, answer.headers["location"]), what="A redirect")
        raise StreamRefused("The API redirects in a circle: check the base URL and the path.")

    def _received(self, request: httpx.Request) -> httpx.Response:
        """The answer with its whole body."""
        self._pace.wait(pause)
        request.extensions = {**request.extensions, "timeout": TIMEOUTS.as_dict()}
        try:
            with_body = self._client.send(request, stream=True)
            try:
                body = read_body(with_body)
            finally:
                with_body.close()
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise _worded(error) from None
        headers = [
            (name, value) for name, value in with_body.headers.multi_items() if name not in _OF_THE_WAY
        ]
        return httpx.Response(with_body.status_code, headers=headers, content=body, request=request)

    def _json(self, answer: httpx.Response) -> Any:
        try:
            return document(answer.content, answer.charset_encoding)
        except (ValueError, RecursionError):
            beginning = answer.content[:200].decode("utf-8", "replace").lstrip(_BEFORE_JSON)
        if beginning.lower().startswith(("<!doctype", "<html")):
            raise StreamRefused("A page for people came instead of JSON: check the base URL and the path.")
        if beginning.startswith(_JSON):  # records, which may be of people
            raise SourceUnavailable(
                f"What came is no whole JSON document: it ends, or cannot be read, within its {len(answer.content):,} bytes."
            )
        raise SourceUnavailable(
            f"What came is no whole JSON document but {_kind(answer)} of {len(answer.content):,} bytes, with status "
            f"{answer.status_code}: check the path, or open the address to see what it says."
        )

    def _token(self, request: httpx.Request) -> Any:
        answer = self._received(request)
        if answer.is_success:
            return self._json(answer)
        wait = retry_after(answer.headers.get("retry-after"), _server_time(answer.headers))
        error = of_status(answer.status_code, _said(answer), wait, self._authentication.secrets)
        if isinstance(error, SourceUnavailable):
            raise error
        raise SourceRefused(
            f"No token could be had (status {answer.status_code}): the client ID or its secret is wrong or has expired, or the scope is not granted."
        )


_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})


def _worded(error: httpx.HTTPError | httpx.StreamError) -> SourceError:
    return (
        in_words(error)
        if isinstance(error, httpx.HTTPError)
        else SourceUnavailable("The connection broke off.")
    )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _joined(url: httpx.URL, link: str) -> httpx.URL:
    try:
        return url.join(link)
    except (httpx.InvalidURL, ValueError):
        raise StreamRefused("The address of the next page cannot be read.") from None


def _server_time(headers: httpx.Headers) -> datetime:
    try:
        said = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return datetime.now(UTC)
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _kind(answer: httpx.Response) -> str:
    """What the answer calls itself. Of what stands in it nothing is told: it may be of people."""
    named = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return named if _MEDIA_TYPE.fullmatch(named) else "something without a content type"


def _said(answer: httpx.Response) -> Any:
    try:
        return document(answer.content, answer.charset_encoding)
    except (ValueError, RecursionError):
        return answer.text
