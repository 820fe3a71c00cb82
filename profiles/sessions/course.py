"""The visits of one anchor and source while a batch is applied: what was stored, what it became, and the difference."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from profiles.sessions.cutting import cut, gather, place, total
from profiles.sessions.points import IN_ORDER, Keyed, Mark, Point
from profiles.sessions.publishing import visit_id
from profiles.sessions.reading import Origin
from profiles.sessions.rows import Span, Stored
from profiles.sessions.visit import Visit


class Settled(NamedTuple):
    """A visit that is new or was renewed. `stored` is its row, if it has one; `due` is None once it has ended."""

    id: bytes
    visit: Visit
    stored: Stored | None
    due: int | None

    @property
    def is_ended(self) -> bool:
        """Whether it is known to have ended."""
        return self.due is None


class Withdrawn(NamedTuple):
    """A stored visit that turned out not to be, and those that stand in its place."""

    stored: Stored
    instead: list[bytes]


class Course:
    """`timeout` is that of the source, in microseconds."""

    def __init__(self, origin: Origin, anchor: int, timeout: int) -> None:
        self.origin, self.anchor, self.timeout = origin, anchor, timeout
        self.points: list[Point] = []
        self.keyed: Mapping[str, list[Point]] = {}
        self.stored: list[Stored] = []
        self._visits: list[Visit] = []
        self._named: dict[str, Visit] = {}
        # Between these times the beginnings of all visits are known.
        self._known: tuple[int, int] | None = None
        # Up to here the clock has passed: a visit that ended by now has ended, whatever became of it.
        self._ended_until = -(2**63)

    def reach(self) -> Span | None:
        """The span of time in which stored visits may matter to the points."""
        if not self.points:
            return None
        self.points.sort(key=IN_ORDER)
        return (
            self.anchor, self.origin.source,
            self.points[0].time - self.timeout, self.points[-1].time + self.timeout,
        )  # fmt: skip

    def names(self) -> list[tuple[int, bytes]]:
        """The ids of the visits that an SDK named."""
        source = self.origin.source
        return [
            (self.anchor, visit_id(self.origin.anchor, source, Visit(points[0], key)))
            for key, points in self.keyed.items()
        ]

    def load(self, stored: Sequence[Stored]) -> None:
        """Begin with these visits."""
        self.stored = list(stored)
        # At one instant an end that begins a visit stands before a start: it is what closed something earlier.
        self._visits = sorted(
            (each.visit for each in stored if each.visit.key is None),
            key=lambda visit: (visit.first, not visit.begins_with_end),
        )
        self._named = {each.visit.key: each.visit for each in stored if each.visit.key is not None}
        for each in stored:
            if each.due is None and not each.visit.is_marked_ended and each.visit.key is None:
                self._ended_until = max(self._ended_until, each.visit.last)

    def apply(self) -> bool:
        """Add the points; False when it must be recounted, because some may be counted, or split a visit."""
        for key, points in self.keyed.items():
            points.sort(key=IN_ORDER)
            visit = gather(self._named.get(key), key, points)
            if visit is None:
                return False
            self._named[key] = visit
        return all(place(self._visits, point, self.timeout) for point in self.points)

    def reload(self, plain: Sequence[Stored]) -> None:
        """Know these visits without the id of an SDK, which are about to be made anew with the others."""
        self.load([*(each for each in self.stored if each.visit.key is not None), *plain])

    def surroundings(self) -> Span | None:
        """Where the neighbours are of what is made anew: a mark may change what they begin or end with."""
        if (span := self._plain_span()) is None:
            return None
        self._known = span[0] - self.timeout, span[1] + self.timeout
        return self.anchor, self.origin.source, *self._known

    def span(self) -> Span:
        """From the beginning of the first visit or point to the end of the last."""
        times = [point.time for points in self.keyed.values() for point in points]
        times += [time for each in self.stored for time in (each.was[0], each.was[2])]
        times += self._plain_span() or ()
        return self.anchor, self.origin.source, min(times), max(times)

    def recount(self, events: Sequence[Keyed]) -> None:
        """Make all visits anew of these events.

        They are those of the timeline, which has every event that was read. It may have some that are yet to come:
        counted ahead, they come to lie within a visit, and so are never counted twice.
        """
        if span := self._plain_span():
            plain = (point for key, point in events if key is None and span[0] <= point.time <= span[1])
            self._visits = self._without_unread(cut(plain, self.timeout), span[1])
        for name in self.keyed:
            if visit := total((point for key, point in events if key == name), name):
                self._named[name] = visit

    def _without_unread(self, visits: list[Visit], end: int) -> list[Visit]:
        """Without what belongs to a neighbour that was not read.

        Where one visit ends and the next starts at one instant, the events of that instant are of both. A neighbour
        whose beginning lies outside the surroundings is stored as it is, and is not to be made of these few events.
        """
        low, high = self._known or (visits[0].first, end)
        stored = {each.was[:2] for each in self.stored}
        first, last = visits[0], visits[-1]
        if last.first == end > high and last.first_mark == Mark.START and (end, Mark.START) not in stored:
            visits = visits[:-1]
        if first.first < low and first.begins_with_end and (first.first, Mark.END) not in stored:
            visits = visits[1:]
        return visits

    def _plain_span(self) -> tuple[int, int] | None:
        if not self.points:
            return None
        stored = [each.was for each in self.stored if each.visit.key is None]
        first = min([self.points[0].time, *(was[0] for was in stored)])
        return first, max([self.points[-1].time, *(was[2] for was in stored)])

    def settled(self) -> Iterator[Settled]:
        """The visits that are new or changed."""
        rows = {id(each.visit): each for each in self.stored}
        ids = {each.id: each for each in self.stored}
        for visit in [*self._visits, *self._named.values()]:
            if visit.is_touched:
                own = rows.get(id(visit))
                id_ = own.id if own and self._keeps_id(own) else visit_id(*self.origin, visit)
                yield self._settle(id_, visit, ids.get(id_))

    def withdrawn(self, settled: Sequence[Settled]) -> Iterator[Withdrawn]:
        """The stored visits that are no more."""
        present = {id(visit) for visit in self._visits} | {id(visit) for visit in self._named.values()}
        taken = {each.id for each in settled}
        for each in self.stored:
            is_kept = id(each.visit) in present and (not each.visit.is_touched or self._keeps_id(each))
            if not is_kept and each.id not in taken:
                first, last = each.was[0], each.was[2]
                instead = [new.id for new in settled if new.visit.first <= last and new.visit.last >= first]
                yield Withdrawn(each, instead)

    @staticmethod
    def _keeps_id(stored: Stored) -> bool:
        visit = stored.visit
        return visit.key is not None or (visit.first, visit.first_mark) == stored.was[:2]

    def _settle(self, id_: bytes, visit: Visit, stored: Stored | None) -> Settled:
        ended_until = self._ended_until
        if visit.key is not None and stored is not None and stored.due is None:
            ended_until = stored.was[2]
        if visit.is_marked_ended or visit.last <= ended_until:
            due = None
        else:
            due = (stored.due if stored else None) or visit.last + self.timeout
        return Settled(id_, visit, stored, due)
