"""The body of an answer: never larger than a bound, whatever it was packed to, and JSON whatever its encoding."""

import json
import re
import time
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import orjson

from ingestion.sources.contract import SourceUnavailable, StreamRefused

MAX_BODY = 32 * 1024 * 1024
MAX_SECONDS = 120.0
_STEP = 1024 * 1024
_LONG_NUMBER = re.compile(rb"[0-9]{19,}")
_DIGITS = 19  # of numbers that may not fit into 64 bits
_WINDOWS = {"gzip": 47, "x-gzip": 47, "deflate": 47}  # zlib finds out which of both it is


def read_body(response: httpx.Response) -> bytes:
    """All of it, unpacked. Raises StreamRefused when it is too large, SourceUnavailable when it takes too long."""
    began, body = time.monotonic(), bytearray()
    for part in _unpacked(response):
        body += part
        if len(body) > MAX_BODY:
            raise StreamRefused(
                f"An answer has more than {MAX_BODY // 1024**2} MB: ask for fewer records on a page."
            )
        if time.monotonic() - began > MAX_SECONDS:
            raise SourceUnavailable(f"An answer had not come to its end after {MAX_SECONDS:.0f} seconds.")
    return bytes(body)


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        yield from response.iter_raw()
        return
    if packing not in _WINDOWS:
        raise StreamRefused(f"The answer is packed as {packing[:40]!r}, which was not asked for.")
    unpacker = zlib.decompressobj(_WINDOWS[packing])
    try:
        for part in response.iter_raw():
            yield from _steps(unpacker, part)
    except zlib.error:
        raise SourceUnavailable("The answer came damaged: it cannot be unpacked.") from None
    if not unpacker.eof:
        raise SourceUnavailable("The answer broke off before its end.")


def _steps(unpacker: "zlib._Decompress", part: bytes) -> Iterator[bytes]:
    """What a part unpacks to, never more at once than a step."""
    while part:
        yield unpacker.decompress(part, _STEP)
        part = unpacker.unconsumed_tail


def document(body: bytes, charset: str | None) -> Any:
    """The JSON value. Numbers beyond 64 bits become texts, what cannot be decoded U+FFFD. Raises ValueError."""
    text = _utf8(body, charset)
    if _LONG_NUMBER.search(text) is None:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass  # it may hold what only Python's reader takes: infinite numbers, halves of an emoji
    try:
        return json.loads(text, parse_int=_whole, parse_float=_fraction, parse_constant=lambda _name: None)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _utf8(body: bytes, charset: str | None) -> bytes:
    named = json.detect_encoding(body) if charset is None else charset
    try:
        if named.lower() in ("utf-8", "utf8") and body.isascii():
            return body
        return body.decode(named, "replace").lstrip("\ufeff").encode("utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace").lstrip("\ufeff").encode()


def _whole(digits: str) -> int | str:
    if len(digits) < _DIGITS:
        return int(digits)
    fits = len(digits) <= 20 and -(2**63) <= int(digits) < 2**64  # noqa: PLR2004 -- digits of 2^64
    return int(digits) if fits else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return number if abs(number) != float("inf") else digits
