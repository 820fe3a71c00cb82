"""Requests that are sent again: they are answered as the first one was, and change nothing."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.crypto import salted_hmac

from streaming.models import KeptAnswer

KEPT_FOR = timedelta(hours=24)
_SWEPT_AT_ONCE = 100
_NO_ANSWER_YET = 0

# Waits for whoever has the same key at this moment: afterwards either their row is seen, or they failed.
_CLAIM = f"""
INSERT INTO api_kept_answer (key, request, status, body, at) VALUES (%s, %s, {_NO_ANSWER_YET}, 'null', %s)
ON CONFLICT (key) DO NOTHING RETURNING key
"""
_SWEEP = """
DELETE FROM api_kept_answer WHERE key IN (
    SELECT key FROM api_kept_answer WHERE at < %s ORDER BY at LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


class Answer(NamedTuple):
    """What a request was answered; `body` is JSON."""

    status: int
    body: Any


class KeyUsedOtherwise(ValueError):
    """The key came before with another request, or from a caller who might do or see other things."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key came with another request before, or what you may do has changed since: give each "
            "request a key of its own."
        )


def claim(caller: str, key: str, request: bytes, *, now: datetime) -> Answer | None:
    """The answer to this request if it had one, else None: then work, and `keep` in the same transaction.

    Blocks while the same request is being worked on. Where the claim was committed by itself and whoever made it never
    answered, it is None again. Raises KeyUsedOtherwise.
    """
    name, content = _digest(caller, key), _digest("request", request.hex())
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [now - KEPT_FOR, _SWEPT_AT_ONCE])
        cursor.execute("DELETE FROM api_kept_answer WHERE key = %s AND at < %s", [name, now - KEPT_FOR])
        cursor.execute(_CLAIM, [name, content, now])
        if cursor.fetchone():
            return None
    return _answered(KeptAnswer.objects.get(pk=name), content)


def answer_to(caller: str, key: str, request: bytes, *, now: datetime) -> Answer | None:
    """The answer to this request if it had one, else None; nothing is claimed. Raises KeyUsedOtherwise."""
    kept = KeptAnswer.objects.filter(pk=_digest(caller, key), at__gte=now - KEPT_FOR).first()
    return None if kept is None else _answered(kept, _digest("request", request.hex()))


def keep(caller: str, key: str, answer: Answer) -> None:
    """Keep the answer to a request that was claimed."""
    KeptAnswer.objects.filter(pk=_digest(caller, key)).update(status=answer.status, body=answer.body)


def release(caller: str, key: str) -> None:
    """Let the key be used for another request: this one had no effect that is to be kept."""
    KeptAnswer.objects.filter(pk=_digest(caller, key), status=_NO_ANSWER_YET).delete()


def _answered(kept: KeptAnswer, content: bytes) -> Answer | None:
    if bytes(kept.request) != content:
        raise KeyUsedOtherwise
    return None if kept.status == _NO_ANSWER_YET else Answer(kept.status, kept.body)


def _digest(of: str, text: str) -> bytes:
    """Keyed, for keys and requests may hold personal data."""
    return salted_hmac(f"headwater.kept_answer.{of}", text, algorithm="sha256").digest()
