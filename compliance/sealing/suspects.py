"""What happened to rows that do not fit the chain, told from what their seals can still prove.

The seal of a row says which place it had and which row stood before it. So a row that only was moved is known by its
own seal, at another place; one that took another's place, by that one's seal.
"""

import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from compliance.sealing.chain import canonical_form, link, read_number

MOST = 64  # are compared with each other; the first are what matters


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row that does not fit: its place, its fields, its seal, and the seal of the row before it.

    `is_second` says that another row stands at its place.
    """

    seq: int
    fields: bytes = field(repr=False)
    stored: bytes
    previous: bytes
    is_second: bool = False

    @property
    def id(self) -> int:
        """The row's own number."""
        return read_number(self.fields)[0]

    @property
    def right_seal(self) -> bytes:
        """The seal that it should have where it stands."""
        return link(self.previous, canonical_form(self.seq, self.fields))

    def was_sealed_at(self, seq: int, previous: bytes) -> bool:
        """Whether its seal was made for this place behind the row with that seal."""
        return link(previous, canonical_form(seq, self.fields)) == self.stored


class Suspects:
    """The first of the rows that do not fit, in their order."""

    def __init__(self) -> None:
        self._kept: list[Suspect] = []
        self.resealed: set[int] = set()
        self.more = 0

    def add(self, suspect: Suspect) -> None:
        """Keep it, if there is room."""
        if len(self._kept) < MOST:
            self._kept.append(suspect)
        else:
            self.more += 1

    def told(self) -> Iterator[str]:
        """A sentence for each; none for one that is right itself and follows one that is not."""
        seals = {each.previous for each in self._kept} | {each.stored for each in self._kept}
        places = sorted({each.seq + step for each in self._kept for step in (-1, 0, 1)})
        fates = [(each, self._fate(each, places, seals)) for each in self._kept]
        for suspect, fate in fates:
            if fate or not any(fate for _, fate in fates):
                yield f"Row {suspect.id}, at place {suspect.seq}, {fate or 'does not follow the row before it'}."
        if self.more:
            yield f"{self.more:,} more rows do not fit their seals."

    def _fate(self, suspect: Suspect, places: Iterable[int], seals: Collection[bytes]) -> str:
        if not suspect.stored:
            return "has lost its seal"
        if suspect.seq in self.resealed:
            return "has another seal than it was given"
        known = [place for place in places if any(suspect.was_sealed_at(place, seal) for seal in seals)]
        if suspect.seq in known:
            return ""
        return f"was moved there: it was sealed at place {known[0]}" if known else self._other_fate(suspect)

    def _other_fate(self, suspect: Suspect) -> str:
        """Of a row whose seal tells of no place nearby."""
        if (other := self._replaced(suspect)) is not None:
            return f"took the place of row {other}"
        if suspect.is_second:
            return "was put in, beside another row"
        return "was changed after it was sealed, or put in, or the row before it was sealed anew"

    def _replaced(self, suspect: Suspect) -> int | None:
        """The row whose fields its seal was made for."""
        same_place = (each for each in self._kept if each is not suspect)
        return next(
            (
                each.id
                for each in same_place
                if replace(suspect, fields=each.fields).right_seal == suspect.stored
            ),
            None,
        )


def suspect_of(row: bytes, previous: bytes, expected: int) -> Suspect:
    """The suspect of a row as the verification reads it: its seal, its place and its fields, each with its length."""
    (length,) = struct.unpack_from(">i", row)
    ends = 4 + max(length, 0)
    seq, fields_begin = read_number(row, ends)
    return Suspect(seq, row[fields_begin:], row[4:ends], previous, is_second=seq < expected)
