"""The records in the body of a request: JSON in any encoding, lists, lines of JSON, and fields of a form."""

import codecs
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from ingestion.domain.events import NotJson, parse_json, repaired
from ingestion.domain.mappings.limits import MAX_EVENTS

MAX_FIELDS = 1000
_CHARSET = re.compile(r"charset=\"?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_JSON = frozenset({
    "application/json", "application/json; charset=utf-8", "application/json; charset=UTF-8", "application/json;charset=utf-8",
    "",
})  # fmt: skip
_FORM = "application/x-www-form-urlencoded"
_LINES = ("application/x-ndjson", "application/jsonl", "application/json-seq")


class Unreadable(ValueError):
    """There are no records in the body. `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def records_of(body: bytes, content_type: str) -> list[Any]:
    """The records of a body; a list is several. Raises Unreadable."""
    if body[:1] == b"{" and content_type in _JSON and b"\0" not in body[:4]:  # most
        return [_json(body)]
    if not body.strip(b" \t\r\n\0"):
        raise Unreadable("empty_body", "the request has no body")
    kind = content_type.partition(";")[0].strip().lower()
    text = _in_utf8(body, content_type)
    if kind == _FORM and text[:1] not in b"{[":
        document = _form(text)
    elif kind in _LINES:
        document = [_json(line) for line in text.splitlines() if line.strip(b" \t\x1e")]
    else:
        document = _json(text)
    records = document if isinstance(document, list) else [document]
    if not records:
        raise Unreadable("empty_body", "the list in the body is empty")
    if len(records) > MAX_EVENTS:
        raise Unreadable("too_many_records", f"a request has at most {MAX_EVENTS:,} records")
    return records


def _json(text: bytes) -> Any:
    try:
        return parse_json(text)
    except NotJson:
        raise Unreadable("invalid_json", "the body is not JSON") from None


def _in_utf8(body: bytes, content_type: str) -> bytes:
    """The body without a byte order mark, in UTF-8: most is already, some say otherwise, some only show it."""
    named = _CHARSET.search(content_type)
    encoding = _known(named[1]) if named else None
    if encoding is None and (body[:3] == codecs.BOM_UTF8 or b"\0" in body[:4] or body[:2] in _MARKS):
        encoding = json.detect_encoding(body)
    if encoding in (None, "utf-8"):
        return body
    try:
        return body.decode(str(encoding)).lstrip("\ufeff").encode("utf-8", "replace")
    except (UnicodeError, ValueError):
        raise Unreadable(
            "wrong_encoding", f"the body is not in the encoding {encoding} that it is said to be in"
        ) from None


_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    return found.name if getattr(found, "_is_text_encoding", True) else None


def _form(text: bytes) -> Any:
    """The fields of a form, one that comes more than once as a list; JSON in a single field `payload` stands for all."""
    try:
        fields = parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Unreadable("too_many_fields", f"a form has at most {MAX_FIELDS:,} fields") from None
    if [name for name, _ in fields] == ["payload"]:
        return _json(fields[0][1].encode())
    record: dict[str, Any] = {}
    for name, value in fields:
        if name in record:
            former = record[name]
            record[name] = [*former, value] if isinstance(former, list) else [former, value]
        else:
            record[name] = value
    return repaired(record)
