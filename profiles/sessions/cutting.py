"""Where one visit ends and the next begins: a pure function of the events of an anchor and a source.

The policy is told in docs/guides/visits.md. Between two events that follow each other there is a boundary when more
than the time-out lies between them, when the second is a start, or when the first is an end (and the second is not,
which only repeats it). That is all: so a further event changes nothing but what lies right beside it, and the order
in which events come to be known has no say in the result.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from profiles.sessions.points import Mark, Point
from profiles.sessions.visit import Visit


class Marked(Protocol):
    """An event that may mark the beginning or the end of a visit (see Point)."""

    @property
    def time(self) -> int:
        """In microseconds since 2000."""

    @property
    def mark(self) -> int:
        """A value of Mark."""


Timed = TypeVar("Timed", bound=Marked)

_START, _END = int(Mark.START), int(Mark.END)


def cut(points: Iterable[Point], timeout: int) -> list[Visit]:
    """The visits of these events (without ids of an SDK), oldest first; `timeout` is in microseconds."""
    visits: list[Visit] = []
    last: Point | None = None
    for point in in_order(points):
        if last is None or is_boundary(last.time, last.mark, point.time, point.mark, timeout):
            visits.append(Visit(point))
        else:
            visits[-1].add(point)
        last = point
    return visits


def is_boundary(earlier: int, earlier_mark: int, later: int, later_mark: int, timeout: int) -> bool:
    """Whether two events that follow each other belong to two visits. Starts of one instant are one start."""
    if later_mark == _START:
        return earlier_mark != _START or earlier != later
    return later - earlier > timeout or (earlier_mark == _END and later_mark != _END)


def in_order(points: Iterable[Timed]) -> list[Timed]:
    """By time. At one instant a start is first and an end last; but an end that meets a start closes what was before.

    Those that this does not order keep their order.
    """
    ordered = sorted(points, key=lambda point: (point.time, point.mark))
    times = [{point.time for point in ordered if point.mark == mark} for mark in (_START, _END)]
    if both := times[0] & times[1]:
        ordered.sort(key=lambda point: (point.time, point.time not in both or point.mark != _END, point.mark))
    return ordered


def place(visits: list[Visit], point: Point, timeout: int) -> bool:
    """Add an event to visits (oldest first), as if all had been cut anew; False when that must be done to know.

    It must when the event lies within a visit: the sums do not tell whether it was counted (it may be delivered again),
    nor, when it is a mark, what stands on which side. An event that lies within none has never been counted.
    """
    time, mark = point.time, point.mark
    index = len(visits) - 1
    while index >= 0 and visits[index].first > time:
        index -= 1
    left = visits[index] if index >= 0 else None
    if left is not None and left.last >= time:
        return False
    right = visits[index + 1] if index + 1 < len(visits) else None
    if left is None or is_boundary(left.last, left.last_mark, time, mark, timeout):
        left = Visit(point)
        visits.insert(index + 1, left)
        index += 1
    else:
        left.add(point)
    if right is not None and not is_boundary(time, mark, right.first, right.first_mark, timeout):
        left.take(right)
        del visits[index + 1]
    return True


def gather(visit: Visit | None, key: str, points: Iterable[Point]) -> Visit | None:
    """The visit to which an SDK gave this id, with these events more: the id alone says what belongs together.

    None when it must be made of all its events, because one of these may have been counted.
    """
    for point in points:
        if visit is None:
            visit = Visit(point, key)
        elif visit.first <= point.time <= visit.last:
            return None
        else:
            visit.add(point)
    return visit


def total(points: Iterable[Point], key: str) -> Visit | None:
    """The visit of all these events, which an SDK gave this id."""
    visit: Visit | None = None
    for point in points:
        if visit is None:
            visit = Visit(point, key)
        else:
            visit.add(point)
    return visit
