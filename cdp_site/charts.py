"""The geometry of charts that the server draws: lines, and bars stacked by series."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp_site.words import grouped, short_number

MAX_SERIES = 6
REST = "All others"
WIDTH, HEIGHT = 1000.0, 200.0
_LABELS = 5
_LINE_WIDTH, _LINE_HEIGHT = 100.0, 30.0

Series = tuple[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a bar, in the coordinates of the chart."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the pointer asks, and what it is told: `lines` is `name: number` parts joined by newlines."""

    x: float
    width: float
    at: datetime
    lines: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart; `legend` names each series with the number of its colour."""

    bars: list[Bar]
    buckets: list[Bucket]
    legend: list[tuple[str, int]]
    y_labels: list[str]
    x_labels: list[datetime]
    total: float


def stacked(series: Sequence[Series], *, start: datetime, step: timedelta) -> Chart:
    """Bars stacked in the order of the series. Those beyond the sixth become one."""
    shown = _at_most(series)
    count = max((len(values) for _, values in shown), default=0)
    top = nice_ceiling(max((sum(column) for column in zip(*(v for _, v in shown), strict=True)), default=0))
    width = WIDTH / count if count else WIDTH
    bars, buckets = [], []
    for place in range(count):
        bars += _bar([values[place] for _, values in shown], place * width, width, top)
        buckets.append(
            Bucket(round(place * width, 2), round(width, 2), start + place * step, _told(shown, place))
        )
    labels = [start + (count * step) * part / (_LABELS - 1) for part in range(_LABELS)]
    return Chart(
        bars, buckets, [(name, place) for place, (name, _) in enumerate(shown, 1)],
        [short_number(top), short_number(top / 2), "0"], labels, sum(sum(values) for _, values in shown),
    )  # fmt: skip


def line_of(values: Sequence[float]) -> tuple[str, str]:
    """The points of a small line, and of the area under it."""
    if not values:
        return "", ""
    drawn = values if len(values) > 1 else [*values, *values]
    top = max(*drawn, 0) or 1
    step = _LINE_WIDTH / (len(drawn) - 1)
    points = [
        f"{place * step:.1f},{_LINE_HEIGHT - 2 - (_LINE_HEIGHT - 5) * value / top:.1f}"
        for place, value in enumerate(drawn)
    ]
    line = " ".join(points)
    return line, f"0,{_LINE_HEIGHT} {line} {_LINE_WIDTH},{_LINE_HEIGHT}"


def nice_ceiling(value: float) -> float:
    """The next number above that reads well on an axis: 1, 2, 4, 6, 8 or 10 times a power of ten."""
    if value <= 0:
        return 4
    power = 1.0
    while power * 10 < value:
        power *= 10
    while power > value:
        power /= 10
    ceiling = next(factor * power for factor in (1, 2, 4, 6, 8, 10) if factor * power >= value)
    return max(ceiling, 4)


def _at_most(series: Sequence[Series]) -> list[Series]:
    shown = list(series)
    if len(shown) <= MAX_SERIES:
        return shown
    rest = [sum(column) for column in zip(*(v for _, v in shown[MAX_SERIES - 1 :]), strict=True)]
    return [*shown[: MAX_SERIES - 1], (REST, rest)]


def _bar(values: Sequence[float], x: float, width: float, top: float) -> list[Bar]:
    gap = width * 0.18
    parts, y = [], HEIGHT
    for place, value in enumerate(values, 1):
        height = HEIGHT * value / top
        y -= height
        if height:
            parts.append(
                Bar(round(x + gap / 2, 2), round(y, 2), round(width - gap, 2), round(height, 2), place)
            )
    return parts


def _told(series: Sequence[Series], place: int) -> str:
    lines = [f"{name}\t{grouped(values[place])}" for name, values in series if values[place]]
    return "\n".join(lines or ["Nothing arrived\t"])
