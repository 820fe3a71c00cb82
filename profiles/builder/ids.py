"""Birth ids: random, never from a sequence, so that a restore cannot hand out one person's id to another."""

import secrets
import time
from uuid import UUID


def new_id() -> str:
    """A fresh id: UUIDv7, random beyond its milliseconds."""
    stamp = time.time_ns() // 1_000_000
    bits = secrets.randbits(74)
    value = (stamp << 80) | (0x7 << 76) | ((bits >> 62) << 64) | (0b10 << 62) | (bits & ((1 << 62) - 1))
    return str(UUID(int=value))
