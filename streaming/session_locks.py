"""Locks of a session of the database: held over several transactions, and freed when the session ends."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

FORMS = 0x6564_6974
REPEATED_REQUESTS = 0x6F6E_6365
"""The first halves of the advisory locks, one for each kind of what is locked."""


@contextmanager
def alone(kind: int, what: str) -> Iterator[None]:
    """Wait until nobody else works on this, and keep others waiting meanwhile."""
    key = int.from_bytes(hashlib.blake2b(what.encode(), digest_size=4).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [kind, key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, key])
