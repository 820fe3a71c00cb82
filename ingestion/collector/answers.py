"""What the collector answers. SDKs accept exactly 200, and read `code` and `message` of errors."""

import math
from typing import Any, NamedTuple

import orjson

Headers = list[tuple[bytes, bytes]]

_CORS: Headers = [(b"access-control-allow-origin", b"*"), (b"cross-origin-resource-policy", b"cross-origin")]
_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


class Answer(NamedTuple):
    """A whole answer as the two messages of ASGI."""

    start: dict[str, Any]
    body: dict[str, Any]

    @property
    def status(self) -> int:
        """Its HTTP status."""
        status: int = self.start["status"]
        return status


def answer(
    status: int, content: bytes, content_type: bytes = b"application/json", extra: Headers | None = None
) -> Answer:
    """Build one. Any page may read it: it says nothing of the one who asks, and takes no credentials."""
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(content)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *_CORS,
        *(extra or []),
    ]
    return Answer(
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": content},
    )


def error(status: int, code: str, message: str, extra: Headers | None = None) -> Answer:
    """An error as SDKs and people read it."""
    return answer(status, orjson.dumps({"success": False, "code": code, "message": message}), extra=extra)


def unread(status: int, code: str, message: str, extra: Headers | None = None) -> Answer:
    """An error that is answered before the whole body came, and so the last one of its connection.

    A client that was not told would send its next events into what is about to be closed.
    """
    return error(status, code, message, [*(extra or []), (b"connection", b"close")])


def unavailable(message: str, seconds: int = 2) -> Answer:
    """Our fault: the client keeps its events and tries again."""
    return error(503, "unavailable", message, [(b"retry-after", str(seconds).encode())])


SUCCESS = answer(200, b'{"success":true}')
PIXEL = answer(200, _PIXEL, b"image/gif", [(b"cache-control", b"no-store")])
PREFLIGHT = answer(
    204, b"", b"text/plain",
    [
        (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
        (b"access-control-allow-headers", b"authorization, content-type, content-encoding, anonymousid, x-retry-count, x-request-id"),
        (b"access-control-max-age", b"86400"),
    ],
)  # fmt: skip
NOT_FOUND = unread(404, "not_found", "there is no such address in the collector")
NO_KEY = error(
    401, "missing_write_key", "send the write key as the user name of HTTP Basic, or as writeKey in the body"
)
WRONG_KEY = error(401, "invalid_write_key", "this write key is unknown or was disabled")
NOT_JSON = error(400, "invalid_json", "the body is not JSON")
BAD_GZIP = error(400, "invalid_gzip", "the body begins like gzip and is not")
TOO_LARGE = unread(
    413,
    "request_too_large",
    "a request has at most 500 KB, a webhook 1 MB, an import 4 MB, before and after gzip",
)
TOO_MANY = error(400, "too_many_events", "a request has at most 2,500 events")
NO_BATCH = error(400, "missing_batch", "a batch is an object with the list `batch`")
TOO_SLOW = unread(408, "request_timeout", "the body did not arrive in time")
METHOD = unread(405, "method_not_allowed", "events are sent with POST", [(b"allow", b"POST, OPTIONS")])
BUSY = unavailable("the collector has too much in hand: try again", 1)
BRAKED = unavailable("consumers are so far behind that more would be lost before they read it: try again", 30)
NOT_DURABLE = unavailable("the events could not be stored: try again", 5)
FAILED = error(
    500, "internal_error", "the collector failed on this request, which is its own fault: try again"
)
NOT_READY = unavailable("the collector cannot read its configuration: try again", 2)


def too_often(seconds: float) -> Answer:
    """More events of a source than its limit: the client keeps them and tries again."""
    retry = [(b"retry-after", str(math.ceil(seconds)).encode())]
    return error(429, "too_many_requests", "this source sends more than its limit: try again later", retry)


class Refused(Exception):
    """The request ends here, with this answer."""

    def __init__(self, given: Answer) -> None:
        super().__init__(given.status)
        self.answer = given
