"""Where the identifiers of a person stand in a picture: in columns from the surest to the loosest. Pure; knows no names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

BOX_WIDTH = 236
BOX_HEIGHT = 50
ROW_GAP = 14
COLUMN_GAP = 92
STACK_GAP = 44  # between the parts of one column
MARGIN = 14
ROWS = 12  # a longer column stands in several stacks
_SWEEPS = 3


class Item(NamedTuple):
    """What is to be placed. `column` counts from the left; `rank` orders a column where lines do not say."""

    key: str
    column: int
    rank: int = 0


class Spot(NamedTuple):
    """The upper left corner of a box."""

    x: int
    y: int


class Curve(NamedTuple):
    """A line between two boxes as an SVG path, and its middle."""

    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The size of the picture, and the spot of each item by key."""

    width: int
    height: int
    spots: Mapping[str, Spot]


def lay_out(items: Collection[Item], lines: Iterable[tuple[str, str]]) -> Layout:
    """Place the items so that no two boxes touch and lines stay short.

    Depends on nothing but its arguments, in any order. Lines to what is not there are left out. Keys are unique.
    """
    stacks = [stack for column in _ordered(items, _neighbours(items, lines)) for stack in _broken(column)]
    tallest = max((len(stack) for stack in stacks), default=0)
    spots: dict[str, Spot] = {}
    x, before = MARGIN, None
    for stack in stacks:
        if before is not None:
            x += BOX_WIDTH + (STACK_GAP if stack[0].column == before else COLUMN_GAP)
        before = stack[0].column
        for row, item in enumerate(stack):
            spots[item.key] = Spot(x, _y(row, len(stack), tallest))
    height = 2 * MARGIN + tallest * (BOX_HEIGHT + ROW_GAP) - (ROW_GAP if tallest else 0)
    return Layout(x + BOX_WIDTH + MARGIN if stacks else 2 * MARGIN, height, spots)


def curve(a: Spot, b: Spot) -> Curve:
    """The line from one box to another, whichever stands left; beside them when one stands above the other."""
    left, right = sorted((a, b))
    y1, y2 = left.y + BOX_HEIGHT // 2, right.y + BOX_HEIGHT // 2
    x1 = left.x + BOX_WIDTH
    if left.x == right.x:
        bend = min(STACK_GAP - 8, 16 + abs(y2 - y1) // 12)
        return Curve(
            f"M{x1} {y1}C{x1 + bend} {y1} {x1 + bend} {y2} {x1} {y2}", x1 + bend * 3 // 4, (y1 + y2) // 2
        )
    bend = max(STACK_GAP // 2, (right.x - x1) // 2)
    path = f"M{x1} {y1}C{x1 + bend} {y1} {right.x - bend} {y2} {right.x} {y2}"
    return Curve(path, (x1 + right.x) // 2, (y1 + y2) // 2)


def _neighbours(items: Collection[Item], lines: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    known = {item.key for item in items}
    found: dict[str, set[str]] = defaultdict(set)
    for a, b in lines:
        if a in known and b in known:
            found[a].add(b)
            found[b].add(a)
    return found


def _ordered(items: Collection[Item], neighbours: Mapping[str, set[str]]) -> list[list[Item]]:
    """The columns, each in the order that keeps its lines short."""
    by_column: dict[int, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda each: (each.rank, each.key)):
        by_column[item.column].append(item)
    columns = [by_column[column] for column in sorted(by_column)]
    height = {item.key: row / len(column) for column in columns for row, item in enumerate(column)}
    for _ in range(_SWEEPS):
        for column in columns:
            mean = {item.key: _mean(item.key, neighbours, height) for item in column}
            column.sort(key=lambda each: (mean[each.key], each.rank, each.key))
            height |= {item.key: row / len(column) for row, item in enumerate(column)}
    return columns


def _mean(key: str, neighbours: Mapping[str, set[str]], height: Mapping[str, float]) -> float:
    around = sorted(height[each] for each in neighbours.get(key, ()))
    return round(sum(around) / len(around), 6) if around else height[key]


def _broken(column: Sequence[Item]) -> list[Sequence[Item]]:
    """The column in stacks of about the same height."""
    count = -(-len(column) // ROWS)
    size = -(-len(column) // count)
    return [column[start : start + size] for start in range(0, len(column), size)]


def _y(row: int, rows: int, tallest: int) -> int:
    step = BOX_HEIGHT + ROW_GAP
    return MARGIN + (tallest - rows) * step // 2 + row * step
