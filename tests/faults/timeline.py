"""A run as a picture: acknowledgements a second, what is not applied yet, and when the fault was there."""

from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise

from tests.faults.record import Record

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 720, 240, 56, 34, 40, 56
_INK, _RATE, _LAG, _FAULT = "#57606a", "#1f6feb", "#bc4c00", "#cf222e"
_TICKS = 6
Point = tuple[float, float]


def timeline(record: Record) -> str:
    """The SVG. Readable on light and dark ground, and without colours by its words."""
    rates = [
        (after.at, (after.acknowledged - before.acknowledged) / max(after.at - before.at, 0.01))
        for before, after in pairwise(record.samples)
    ]
    lags = [
        (each.at, float(max(0, each.acknowledged - each.applied)))
        for each in record.samples
        if each.applied is not None
    ]
    end = max((each.at for each in record.samples), default=1.0)
    across = lambda at: LEFT + (WIDTH - LEFT - RIGHT) * at / end  # noqa: E731 -- a formula
    title = f"Row {record.row}, {record.place}: {record.name}"
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            ' font-family="sans-serif" font-size="11">'
        ),
        f"<title>{escape(title)}</title>",
        *_faults(record, across),
        *_axis(end, across),
        *_line(rates, across, _RATE, "acknowledged/s", left=True),
        *_line(lags, across, _LAG, "not applied yet", left=False),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _faults(record: Record, across: Callable[[float], float]) -> list[str]:
    parts = []
    for number, interval in enumerate(record.intervals):
        begin, width = across(interval.begin), max(across(interval.end) - across(interval.begin), 2.0)
        parts.append(
            f'<rect x="{begin:.1f}" y="{TOP}" width="{width:.1f}" height="{HEIGHT - TOP - BOTTOM}"'
            f' fill="{_FAULT}" fill-opacity="0.15"><title>{escape(interval.name)}</title></rect>'
        )
        if number == 0:
            x = min(begin, WIDTH - RIGHT - 200.0)
            parts.append(f'<text x="{x:.1f}" y="{TOP - 6}" fill="{_FAULT}">{escape(interval.name)}</text>')
    return parts


def _axis(end: float, across: Callable[[float], float]) -> list[str]:
    base = HEIGHT - BOTTOM
    parts = [f'<path d="M{LEFT} {base}H{WIDTH - RIGHT}" stroke="{_INK}" fill="none"/>']
    for tick in range(_TICKS + 1):
        at = end * tick / _TICKS
        parts.append(
            f'<text x="{across(at):.1f}" y="{base + 15}" text-anchor="middle" fill="{_INK}">{at:.0f} s</text>'
        )
    return parts


def _line(
    points: Sequence[Point], across: Callable[[float], float], colour: str, name: str, *, left: bool
) -> list[str]:
    highest = max((value for _, value in points), default=0.0) or 1.0
    base, room = HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM
    path = " ".join(f"{across(at):.1f},{base - room * value / highest:.1f}" for at, value in points)
    x, anchor = (LEFT - 6, "end") if left else (WIDTH - RIGHT + 6, "start")
    name_x, name_anchor = (LEFT, "start") if left else (WIDTH - RIGHT, "end")
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
        f'<text x="{x}" y="{TOP + 8}" text-anchor="{anchor}" fill="{colour}">{highest:,.0f}</text>',
        f'<text x="{x}" y="{base}" text-anchor="{anchor}" fill="{colour}">0</text>',
        f'<text x="{name_x}" y="{HEIGHT - 6}" text-anchor="{name_anchor}" fill="{colour}">{name}</text>',
    ]
