"""The chain computed anew from the rows, and compared with their seals and with anchors that stand elsewhere.

Rows are read in the order of the chain as they come; what is kept of them is the first suspects and a few counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection, transaction

from compliance.sealing.anchors import Anchor
from compliance.sealing.chain import FIELDS, GENESIS, HASH_BYTES, rows
from compliance.sealing.suspects import Suspects, suspect_of

MOST_GAPS = 20
_STEPS = (
    "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; "
    "SET LOCAL statement_timeout = 0"
)
_ROWS = f"""
SELECT sealed_hash, sealed_seq, {FIELDS} FROM compliance_auditentry WHERE sealed_seq >= {{first}} ORDER BY sealed_seq
"""
_BEFORE = "SELECT sealed_hash FROM compliance_auditentry WHERE sealed_seq = %s"
_HASH_ENDS = 4 + HASH_BYTES
_PLACE = slice(_HASH_ENDS + 4, _HASH_ENDS + 12)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: each problem is a sentence. `last` is the last place of the chain."""

    first: int
    last: int
    rows: int
    anchors: int
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, removed, put in or moved, as far as rows and anchors tell."""
        return not self.problems


def verify(anchors: Iterable[Anchor] = (), *, first: int = 1) -> Report:
    """Look at all rows from that place in the chain on. Blocks for some seconds for each million of rows."""
    verification = _Verification(first, anchors)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_STEPS)
        verification.look()
    return verification.report()


class _Verification:
    """One look through the rows."""

    def __init__(self, first: int, anchors: Iterable[Anchor]) -> None:
        self._first, self._last, self._rows = first, first - 1, 0
        self._suspects = Suspects()
        self._right_seal = b""  # of the row looked at more closely before
        self._gaps: list[str] = []
        self._more_gaps = 0
        self._anchors = sorted(
            (each.seq, each.hash_bytes, each.at) for each in anchors if each.seq >= max(first, 1)
        )
        self._compared = 0
        self._disagreeing: list[int] = []

    def look(self) -> None:
        """Read the rows once."""
        previous, expected, anchored = self._seal_before(), self._first, self._next_anchored()
        for row in rows(_ROWS.format(first=expected)):
            # What every row takes stands here, plainly: a million of them are to take seconds.
            stored, place = row[4:_HASH_ENDS], int.from_bytes(row[_PLACE], "big")
            if place != expected or sha256(previous + row[_HASH_ENDS:]).digest() != stored:
                stored, place = self._look_closer(row, previous, expected)
            if place >= anchored:
                self._compare(place, stored)
                anchored = self._next_anchored()
            previous, expected = stored, place + 1
            self._rows += 1
        self._last = expected - 1

    def report(self) -> Report:
        """What the look found."""
        problems = (*self._gaps_told(), *self._suspects.told(), *self._anchors_told())
        return Report(self._first, self._last, self._rows, self._compared, problems)

    def _look_closer(self, row: bytes, previous: bytes, expected: int) -> tuple[bytes, int]:
        """Keep what is wrong with the row; gives its seal and its place, from where the look goes on."""
        suspect, former = suspect_of(row, previous, expected), self._right_seal
        self._right_seal = suspect.right_seal
        if suspect.seq > expected:
            self._gap(expected, suspect.seq - 1)
        if suspect.seq > expected or not previous:  # nothing is left to hold it against
            return suspect.stored or suspect.right_seal, suspect.seq
        if former and suspect.was_sealed_at(expected, former):
            self._suspects.resealed.add(expected - 1)
            return suspect.stored, suspect.seq
        self._suspects.add(suspect)
        # A row whose seal is lost stands in the chain all the same: the next one is linked to what it was.
        return suspect.stored or suspect.right_seal, suspect.seq

    def _gap(self, begin: int, end: int) -> None:
        if len(self._gaps) == MOST_GAPS:
            self._more_gaps += 1
            return
        missing = (
            f"The row at place {begin} is" if begin == end else f"The rows at places {begin} to {end} are"
        )
        self._gaps.append(f"{missing} missing.")

    def _gaps_told(self) -> Iterator[str]:
        yield from self._gaps
        if self._more_gaps:
            yield f"Rows are missing at {self._more_gaps:,} more places."

    def _seal_before(self) -> bytes:
        """What the first row is linked to."""
        if self._first == 1:
            return GENESIS
        with connection.cursor() as cursor:
            cursor.execute(_BEFORE, [self._first - 1])
            found = cursor.fetchone()
        if found is None or found[0] is None:
            self._gap(self._first - 1, self._first - 1)
            return b""
        return bytes(found[0])

    def _next_anchored(self) -> float:
        return self._anchors[self._compared][0] if self._compared < len(self._anchors) else float("inf")

    def _compare(self, place: int, stored: bytes) -> None:
        """Compare the anchors up to this place; of a place that is missing the seal cannot be what it was."""
        while self._next_anchored() <= place:
            seq, hashed, _ = self._anchors[self._compared]
            if seq != place or hashed != stored:
                self._disagreeing.append(self._compared)
            self._compared += 1

    def _anchors_told(self) -> Iterator[str]:
        if self._disagreeing:
            first = self._disagreeing[0]
            seq, _, at = self._anchors[first]
            since = self._anchors[first - 1][0] if first else self._first - 1
            yield (
                f"{len(self._disagreeing):,} of {len(self._anchors):,} anchors disagree, the first of them that of {at}: "
                f"rows between places {since + 1} and {seq} were rewritten after they had been anchored."
            )
        if self._compared < len(self._anchors):
            seq, _, at = self._anchors[-1]
            yield (
                f"The anchor of {at} tells of {seq:,} rows, and the chain ends at place {self._last}: "
                f"the rows from place {self._last + 1} to {seq} are missing."
            )
