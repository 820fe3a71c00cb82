"""Records that nobody can read, as other programs, old releases and broken disks write them."""

import orjson

_EVENT = {
    "v": 1, "message_id": "poison", "type": "track", "event": "Poison", "anonymous_id": "device-poison",
    "received_at": "2026-11-01T00:00:00.000000Z", "timestamp": "2026-11-01T00:00:00.000000Z", "source_id": 1,
}  # fmt: skip

POISON: dict[str, bytes | None] = {
    "tombstone": None,
    "empty": b"",
    "not JSON": b"\x89PNG\r\n\x1a\n\x00\x00",
    "cut off": orjson.dumps(_EVENT)[:40],
    "not UTF-8": b'{"v": 1, "event": "\xff\xfe"}',
    "a list": b"[1, 2, 3]",
    "a number": b"42",
    "an unknown version": orjson.dumps({**_EVENT, "v": 99}),
    "no version": b'{"message_id": "x"}',
    "no fields": b'{"v": 1}',
    "zeroes": b"\x00" * 512,
}
