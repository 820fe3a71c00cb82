"""Where one visit ends and the next begins: a pure function of the events of an anchor and a source.

The policy is told in docs/guides/visits.md. Between two events that follow each other there is a boundary when more
than the time-out lies between them, when the second is a start, or when the first is an end (and the second is not,
which only repeats it). That is all: so a further event changes nothing but what lies right beside it, and the order
in which events come to be known has no say in the result.
"""

from collections.abc import Iterable, Sequence
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

_START, _NONE, _END = int(Mark.START), int(Mark.NONE), int(Mark.END)


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

    It must when the event may split a visit, may have been counted ahead of its turn, or shares its instant with a
    mark: the sums of a visit do not tell what stands on which side.
    """
    time, mark = point.time, point.mark
    index = len(visits) - 1
    while index >= 0 and visits[index].first > time:
        index -= 1
    left = visits[index] if index >= 0 else None
    if left is not None and left.last >= time:
        return _add_within(visits, index, point)
    right = visits[index + 1] if index + 1 < len(visits) else None
    if left is None or is_boundary(left.last, left.last_mark, time, mark, timeout):
        left = Visit(point)
        visits.insert(index + 1, left)
        index += 1
    else:
        left.recounted |= left.last_mark == _END
        left.add(point)
    if right is not None and not is_boundary(time, mark, right.first, right.first_mark, timeout):
        left.take(right)
        del visits[index + 1]
    return True


def _add_within(visits: Sequence[Visit], index: int, point: Point) -> bool:
    visit, time = visits[index], point.time
    shares_start = time == visit.first and (visit.first_mark == _END or _is_shared(visits, index, time))
    shares_end = time == visit.last and visit.last_mark == _END
    if point.mark != _NONE or visit.recounted or shares_start or shares_end:
        return False
    visit.add(point)
    return True


def _is_shared(visits: Sequence[Visit], index: int, time: int) -> bool:
    return index > 0 and visits[index - 1].last >= time


def gather(visits: dict[str, Visit], key: str, points: Iterable[Point]) -> None:
    """Add events to the visit to which an SDK gave this id: it alone says what belongs together."""
    for point in points:
        if visit := visits.get(key):
            visit.add(point)
        else:
            visits[key] = Visit(point, key)
