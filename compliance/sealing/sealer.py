"""The sealer: links rows that were committed into the chain, in blocks, and never two sealers at once.

A row whose transaction ended late has a lower id than rows that are sealed already. It is found all the same, because
what is looked for is rows without a seal, by an index of those alone.
"""

import logging
import time

from django.db import connection, transaction

from compliance.sealing.chain import FIELDS, GENESIS, canonical_form, link, read_number, rows
from streaming.runtime.failpoints import reach

BLOCK = 5_000
LONGEST_S = 20.0
_LOCK = 0x4857_5EA1
logger = logging.getLogger(__name__)

# Whoever froze within a block does not keep others from sealing for longer than this.
_LIMITS = "SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL statement_timeout = '60s'"
_HEAD = """
SELECT sealed_seq, sealed_hash FROM compliance_auditentry WHERE sealed_seq IS NOT NULL ORDER BY sealed_seq DESC LIMIT 1
"""
_UNSEALED = f"SELECT {FIELDS} FROM compliance_auditentry WHERE sealed_hash IS NULL ORDER BY id LIMIT {BLOCK}"
_SEAL = """
UPDATE compliance_auditentry entry SET sealed_seq = %s + sealed.place, sealed_hash = sealed.hash
FROM unnest(%s::bigint[], %s::bytea[]) WITH ORDINALITY AS sealed (id, hash, place)
WHERE entry.id = sealed.id AND entry.sealed_hash IS NULL
"""


class ChainBroken(Exception):
    """Rows changed while they were sealed; nothing of the block was."""


def seal(*, longest_s: float = LONGEST_S) -> int:
    """Link all rows that are committed, block by block, for so long at most; gives how many were linked.

    Nothing while another sealer links. Each block is a transaction; one that dies leaves whole blocks.
    """
    until, sealed = time.monotonic() + longest_s, 0
    while count := _seal_block():
        sealed += count
        if count < BLOCK or time.monotonic() > until:
            break
    return sealed


def head() -> tuple[int, bytes]:
    """Place and hash of the last row of the chain."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD)
        found = cursor.fetchone()
    return (0, GENESIS) if found is None else (found[0], bytes(found[1]))


def _seal_block() -> int:
    with transaction.atomic():
        if not _is_alone():
            return 0
        seq, hashed = head()
        ids: list[int] = []
        hashes: list[bytes] = []
        for fields in rows(_UNSEALED):
            hashed = link(hashed, canonical_form(seq + len(ids) + 1, fields))
            ids.append(read_number(fields)[0])
            hashes.append(hashed)
        reach("sealer.before_commit")
        if ids:
            _write(seq, ids, hashes)
    return len(ids)


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LIMITS)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _write(seq: int, ids: list[int], hashes: list[bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SEAL, [seq, ids, hashes])
        if cursor.rowcount != len(ids):
            raise ChainBroken(
                f"{len(ids) - cursor.rowcount} rows of the audit trail were sealed or removed by another hand meanwhile"
            )
