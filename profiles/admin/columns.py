"""A small column chart, as coordinates for a server-side SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 300, 64
_GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One day; `title` says its number in words."""

    x: float
    y: float
    width: float
    height: float
    title: str


def columns_of(values: Sequence[int], start: date) -> list[Column]:
    """A column for each day from `start` on; a day with anything at all is seen."""
    top, step = max([*values, 1]), WIDTH / max(len(values), 1)
    return [_column(place, value, top, step, start) for place, value in enumerate(values)]


def _column(place: int, value: int, top: int, step: float, start: date) -> Column:
    height = max(2.0, HEIGHT * value / top) if value else 0.0
    day = start + timedelta(days=place)
    events = "1 event" if value == 1 else f"{value:,} events"
    return Column(
        x=round(place * step, 2),
        y=round(HEIGHT - height, 2),
        width=round(step - _GAP, 2),
        height=round(height, 2),
        title=f"{day:%a} {day.day} {day:%b}: {events}",
    )
