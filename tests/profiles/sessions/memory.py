"""The tables of visits in memory, and a reader of the topic: for thousands of histories in a second."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from profiles.sessions.combining import combine
from profiles.sessions.points import Keyed, Point
from profiles.sessions.publishing import text_of
from profiles.sessions.reading import Origin, Reading
from profiles.sessions.rows import Span, Stored
from profiles.sessions.storing import Row
from profiles.sessions.visit import Visit
from streaming.contracts.combined import CombinedRecord, decode_combined, is_newer
from streaming.contracts.profiles import Version

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANCHORS = {"anchor 1": 1, "anchor 2": 2}
FIELDS = (
    "first", "first_mark", "last", "last_mark", "events", "pages", "entry", "exit", "purposes", "key",
)  # fmt: skip
Said = tuple[Origin, str | None, Point]


class Memory:
    """See profiles.sessions.tables.Tables. `timeline` has what the builder applied, read or not."""

    def __init__(self, timeout: int) -> None:
        self.timeout = timeout
        self.rows: dict[tuple[int, bytes], Row] = {}
        self.timeline: list[Said] = []
        self.told: dict[str, CombinedRecord] = {}
        self._version = 0

    def read(self, said: Sequence[Said]) -> None:
        """Apply a batch."""
        points: dict[Origin, list[Point]] = {}
        keyed: dict[Origin, dict[str, list[Point]]] = {}
        for origin, key, point in said:
            if key is None:
                points.setdefault(origin, []).append(point)
            else:
                keyed.setdefault(origin, {}).setdefault(key, []).append(point)
        for record in combine(self, Reading(points, keyed, ()), {1: self._span(), 2: self._span()}, NOW):
            told = decode_combined(record.value)
            former = self.told.get(told["id"])
            assert is_newer(told, former["version"] if former else None)
            self.told[told["id"]] = told

    def _span(self) -> timedelta:
        return timedelta(microseconds=self.timeout)

    def lock(self, births: Collection[str]) -> dict[str, int]:
        return {birth: ANCHORS[birth] for birth in births}

    def in_reach(self, spans: Sequence[Span]) -> list[Stored]:
        found = []
        for anchor, source, low, high in spans:
            own = [
                r for r in self.rows.values() if (r.anchor, r.source, r.visit.key) == (anchor, source, None)
            ]
            before = max((r.visit.first for r in own if r.visit.first < low), default=low)
            found += [_stored(r) for r in own if before <= r.visit.first <= high]
        return found

    def named(self, ids: Sequence[tuple[int, bytes]]) -> list[Stored]:
        return [_stored(self.rows[each]) for each in ids if each in self.rows]

    def events(self, spans: Sequence[Span]) -> list[list[Keyed]]:
        return [
            [
                Keyed(key, point)
                for origin, key, point in self.timeline
                if (ANCHORS[origin.anchor], origin.source) == (anchor, source) and low <= point.time <= high
            ]
            for anchor, source, low, high in spans
        ]

    def delete(self, ids: Sequence[tuple[int, bytes]]) -> None:
        for each in ids:
            del self.rows[each]

    def update(self, visits: Sequence[Row]) -> None:
        for row in visits:
            assert (row.anchor, row.id) in self.rows
            self.rows[row.anchor, row.id] = row

    def insert(self, visits: Sequence[Row]) -> None:
        for row in visits:
            assert (row.anchor, row.id) not in self.rows
            self.rows[row.anchor, row.id] = row

    def version(self) -> Version:
        self._version += 1
        return Version(1, self._version)

    def picture(self) -> list[tuple]:
        """The visits with what was told of them: open ones by their beginning."""
        told = {id_: record["value"] for id_, record in self.told.items() if "value" in record}
        assert {text_of(id_) for _, id_ in self.rows} == set(told)
        return sorted(
            (
                row.anchor, row.source, *(_text(getattr(row.visit, field)) for field in FIELDS),
                str(sorted((key, str(value)) for key, value in told[text_of(row.id)].items())),
            )
            for row in self.rows.values()
        )  # fmt: skip


def _text(value: object) -> str:
    """Equal texts for equal values: a set has no order of its own."""
    return str(sorted(value) if isinstance(value, frozenset) else value)


def _stored(row: Row) -> Stored:
    visit = Visit.__new__(Visit)
    for field in FIELDS:
        setattr(visit, field, getattr(row.visit, field))
    visit.is_touched = False
    entry, exit_ = visit.entry or (None, None), visit.exit or (None, None)
    was = (
        visit.first, visit.first_mark, visit.last, visit.last_mark, visit.events, visit.pages, *entry, *exit_,
        None if visit.purposes == frozenset({""}) else sorted(visit.purposes), visit.key,
    )  # fmt: skip
    return Stored(row.anchor, row.source, row.id, row.due, visit, was)
