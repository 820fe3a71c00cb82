"""What attackers send, as far as several attacks share it: the collector's part of the attack list is 1 to 22.

Each test carries the number of the attack in its name.
"""

import uuid

from tests.ingestion.collector.serving import KEY, Server, basic


def track(**fields):
    return {"type": "track", "messageId": str(uuid.uuid4()), "userId": "u1", "event": "E", **fields}


def nested(levels: int, *, message_id: str = "deep", more: bytes = b"") -> bytes:
    """A track whose properties are nested so deeply, written by hand because no encoder goes so far."""
    lists = b"[" * levels + b"]" * levels
    head = b'{"type":"track","messageId":"%s","userId":"u1","event":"E"' % message_id.encode()
    return head + more + b',"properties":{"a":' + lists + b"}}"


def still_serves(server: Server) -> bool:
    return server.post("/v1/track", track()).status == 200


def request_bytes(path: str, headers: str, content: bytes = b"") -> bytes:
    authorization = basic(KEY)["Authorization"]
    head = f"POST {path} HTTP/1.1\r\nHost: shop\r\nAuthorization: {authorization}\r\n{headers}\r\n"
    return head.encode("latin-1") + content
