"""Lays out a directed graph in columns, from left to right, for a server-side SVG. Knows nothing of what it draws."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

BOX_WIDTH = 184
BOX_HEIGHT = 46
COLUMN_GAP = 64
ROW_GAP = 12
MARGIN = 12
_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A box. `detail` is its second line; `tone` is good, warn, bad or quiet, and `detail` says the same in words."""

    key: str
    kind: str
    title: str
    detail: str = ""
    tone: str = "quiet"
    href: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one box to another; `weight` from 0 to 1 is how broad it is."""

    start: str
    end: str
    label: str = ""
    tone: str = "quiet"
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """A placed node."""

    node: Node
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A placed edge: an SVG path, its width, and where its label stands."""

    edge: Edge
    path: str
    width: float
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that a template needs to write the SVG."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]


def draw(nodes: Sequence[Node], edges: Sequence[Edge], columns: Sequence[str] = ()) -> Drawing:
    """Place each node right of all that lead to it; edges that close a circle run backwards.

    Nodes of one kind never stand left of the place that `columns` gives their kind. Edges to nodes that are not
    there are left out.
    """
    known = {node.key for node in nodes}
    drawn = [edge for edge in edges if edge.start in known and edge.end in known]
    ranks = _ranks(nodes, drawn, columns)
    ordered = _order(nodes, drawn, ranks)
    tallest = max((len(column) for column in ordered), default=0)
    boxes = {
        node.key: Box(node, _x(place), _y(row, len(column), tallest))
        for place, column in enumerate(ordered)
        for row, node in enumerate(column)
    }
    return Drawing(
        width=_x(max(len(ordered), 1) - 1) + BOX_WIDTH + MARGIN,
        height=2 * MARGIN + tallest * (BOX_HEIGHT + ROW_GAP) - (ROW_GAP if tallest else 0),
        boxes=list(boxes.values()),
        lines=[_line(edge, boxes[edge.start], boxes[edge.end]) for edge in drawn],
    )


def _ranks(nodes: Sequence[Node], edges: Sequence[Edge], columns: Sequence[str]) -> dict[str, int]:
    least = {kind: place for place, kind in enumerate(columns)}
    ranks = {node.key: least.get(node.kind, 0) for node in nodes}
    for _ in range(len(nodes)):
        moved = False
        for edge in edges:
            if ranks[edge.end] <= ranks[edge.start] < len(nodes) and not _leads(edges, edge.end, edge.start):
                ranks[edge.end] = ranks[edge.start] + 1
                moved = True
        if not moved:
            break
    return ranks


def _leads(edges: Sequence[Edge], start: str, end: str) -> bool:
    """Whether some way leads from one node to another."""
    reached, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        for edge in edges:
            if edge.start == here and edge.end not in reached:
                reached.add(edge.end)
                waiting.append(edge.end)
    return False


def _order(nodes: Sequence[Node], edges: Sequence[Edge], ranks: dict[str, int]) -> list[list[Node]]:
    """The columns, each in the order that keeps its lines short."""
    by_rank = defaultdict(list)
    for node in nodes:
        by_rank[ranks[node.key]].append(node)
    columns = [by_rank[rank] for rank in sorted(by_rank)]
    neighbours = defaultdict(set)
    for edge in edges:
        neighbours[edge.start].add(edge.end)
        neighbours[edge.end].add(edge.start)
    for _ in range(_SWEEPS):
        height = {
            node.key: row / max(len(column), 1) for column in columns for row, node in enumerate(column)
        }
        for column in columns:
            column.sort(
                key=lambda node: _mean([height[key] for key in neighbours[node.key]], height[node.key])
            )
            height |= {node.key: row / max(len(column), 1) for row, node in enumerate(column)}
    return columns


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _x(place: int) -> int:
    return MARGIN + place * (BOX_WIDTH + COLUMN_GAP)


def _y(row: int, rows: int, tallest: int) -> int:
    step = BOX_HEIGHT + ROW_GAP
    return MARGIN + (tallest - rows) * step // 2 + row * step


def _line(edge: Edge, start: Box, end: Box) -> Line:
    x1, y1 = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2
    x2, y2 = end.x, end.y + BOX_HEIGHT // 2
    bend = max(COLUMN_GAP // 2, abs(x2 - x1) // 2) if x2 > x1 else COLUMN_GAP
    return Line(
        edge=edge,
        path=f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}",
        width=round(1.25 + 3.75 * edge.weight, 2),
        label_x=(x1 + x2) // 2,
        label_y=(y1 + y2) // 2 - 4,
    )
