"""What a folder of a bucket holds, page by page: never more than a page of it is in memory.

pyarrow lists a folder as a whole, which for millions of objects is more than a worker has.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple, Self
from xml.etree.ElementTree import Element, ParseError

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ingestion.sources.contract import Settings, StreamRefused
from ingestion.sources.files import s3_session
from ingestion.sources.files.s3 import PLAIN
from ingestion.sources.files.s3_signing import Keys, signed_headers, written_query
from ingestion.sources.rest.bodies import read_body
from ingestion.sources.rest.transport import CheckedTransport

PAGE = 1000  # the most that a store gives
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SERVER_ERRORS = 500


class Entry(NamedTuple):
    """A folder, or an object; `name` is the way to it from the bucket on.

    Some programs mark a folder by an object whose name ends with a slash.
    """

    name: str
    is_folder: bool
    modified: int = 0
    size: int = 0


class Page(NamedTuple):
    """Some entries, and what to ask for the following ones with; empty at the end."""

    entries: list[Entry]
    following: str


class Listing:
    """The bucket of a connection. Use it as a context: leaving it closes what is open."""

    def __init__(self, settings: Settings) -> None:
        region = settings.get("region") or "us-east-1"
        self._keys = Keys(settings.get("access_key", ""), settings.get("secret_key", ""), region)
        self._scheme = "http" if settings.get("transport") == PLAIN else "https"
        self._host = settings.get("endpoint", "") or _host_of_amazon(region)
        self._path = f"/{settings.get('bucket', '')}"
        timeout = httpx.Timeout(s3_session.ANSWER_S, connect=s3_session.CONNECT_S)
        self._client = httpx.Client(transport=CheckedTransport(), timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._client.close()

    def entries(self, folder: str) -> Iterator[Entry]:
        """What is in a folder of the bucket (empty: the bucket itself). Raises OSError in the words of the store."""
        prefix, following = f"{folder}/" if folder else "", ""
        while True:
            page = _page(self._asked(prefix, following))
            yield from page.entries
            if not page.following or page.following == following:
                return
            following = page.following

    def _asked(self, prefix: str, following: str) -> bytes:
        given = {"list-type": "2", "delimiter": "/", "prefix": prefix, "max-keys": str(PAGE)}
        query = written_query({**given, **({"continuation-token": following} if following else {})})
        for attempt in range(1, s3_session.ATTEMPTS + 1):
            is_last = attempt == s3_session.ATTEMPTS
            try:
                status, body = self._sent(query)
            except httpx.TransportError:
                if is_last:
                    raise
                continue
            if status < _SERVER_ERRORS or is_last:
                break
        if status != httpx.codes.OK:
            raise OSError(_error(status, body))
        return body

    def _sent(self, query: str) -> tuple[int, bytes]:
        place, asked = f"{self._scheme}://{self._host}", f"{self._path}?{query}"
        headers = {**signed_headers(self._keys, place + asked), "Accept-Encoding": "identity"}
        url = httpx.URL(place).copy_with(raw_path=asked.encode())
        with self._client.stream("GET", url, headers=headers) as answer:
            return answer.status_code, read_body(answer)


@contextmanager
def listing(settings: Settings) -> Iterator[Listing]:
    """The bucket; what goes wrong on the way to the store leaves as an OSError."""
    try:
        with Listing(settings) as made:
            yield made
    except httpx.HTTPError as error:
        raise OSError(f"{type(error).__name__} during ListObjectsV2: {error}") from None


def _host_of_amazon(region: str) -> str:
    return f"s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def _page(body: bytes) -> Page:
    """Of what a store answered. Raises StreamRefused."""
    if (found := _parsed(body)) is None:
        raise StreamRefused("The store answered with something that is no list of objects.")
    following, entries = "", list[Entry]()
    for each in found:
        match _name(each):
            case "Contents":
                values = {_name(part): part.text or "" for part in each}
                at = _time(values["LastModified"])
                entries.append(Entry(values["Key"], is_folder=False, modified=at, size=int(values["Size"])))
            case "CommonPrefixes":
                entries += [
                    Entry(part.text.removesuffix("/"), is_folder=True)
                    for part in each
                    if part.text and not part.text.endswith("//")
                ]
            case "NextContinuationToken":
                following = each.text or ""
    return Page(entries, following)


def _parsed(body: bytes) -> Element | None:
    """The document; None when it is none, or has a type of its own, with which it could expand without end."""
    try:
        document: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException):
        return None
    return document


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _time(text: str) -> int:
    """Microseconds since 1970, as exactly as pyarrow has them: to the millisecond."""
    at = datetime.fromisoformat(text)
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000) * 1000


def _error(status: int, body: bytes) -> str:
    """As pyarrow words it: `AWS Error NO_SUCH_BUCKET`."""
    found = _parsed(body)
    values = {} if found is None else {_name(each): each.text or "" for each in found}
    code = _WORDS.sub("_", values.get("Code", "")).upper() or f"HTTP status {status}"
    return f"AWS Error {code} during ListObjectsV2: {values.get('Message', '')[:200]}"
