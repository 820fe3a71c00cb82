"""Seeds as what has to be decided together: one closure after the other, each of bounded size."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg

from profiles.builder.closure import Closure, closure
from profiles.identity.rules import Rules


class Seen:
    """Which numbers were met: a bit each, for there may be millions."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)

    def add(self, number: int) -> None:
        """Meet this one."""
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << (number & 7)


def components(
    connection: psycopg.Connection[Any],
    seeds: Sequence[int],
    rules: Rules,
    *,
    most_edges: int,
    is_done: Callable[[int], bool] = lambda _seed: False,
) -> Iterator[tuple[list[int], Closure]]:
    """What the seeds lead to, as (seeds, closure); many small ones at once. A cut closure is of one seed only.

    `is_done` is asked late, so that a seed which an earlier closure has met can be left out.
    """
    waiting = [list(seeds)]
    while waiting:
        these = [seed for seed in waiting.pop() if not is_done(seed)]
        if not these:
            continue
        found = closure(connection, these, rules, most_edges=most_edges)
        if found.is_cut and len(these) > 1:
            middle = len(these) // 2
            waiting += [these[middle:], these[:middle]]
        else:
            yield these, found
