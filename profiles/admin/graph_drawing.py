"""How the identity graph is drawn: boxes by level, lines by what they say, and the same as rows of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from profiles.domain.queries.graph_elements import Bundle, Graph, GraphLink, GraphNode, Tie
from profiles.domain.queries.identifiers import Standing
from profiles.enums import Level
from profiles.identity.layout import BOX_HEIGHT, Curve, Item, Spot, curve, lay_out

_HIDDEN = "hidden"
_ICONS = {Level.PERSON: "person", Level.DEVICE: "devices", Level.GROUP: "groups", Level.HOUSEHOLD: "home"}
_CORNERS = {Level.PERSON: 14, Level.DEVICE: 3, Level.GROUP: BOX_HEIGHT // 2, Level.HOUSEHOLD: BOX_HEIGHT // 2}
_STANDINGS = {
    Standing.JOINS: "",
    Standing.SHARED: "shared",
    Standing.BLOCKED: "blocked",
    Standing.ATTACHES: "joins nobody",
}
_TIES = {
    Tie.ACCEPTED: "one person",
    Tie.KEPT_APART: "kept apart by staff",
    Tie.REFUSED: "refused",
    Tie.PENDING: "being recomputed",
    Tie.PROPOSED: "proposed for review",
    Tie.ATTACHED: "attached only",
    Tie.IGNORED: "ignored, as a value is blocked",
    Tie.WITHDRAWN: "withdrawn",
}
_WORDS = {
    Tie.KEPT_APART: "kept apart",
    Tie.REFUSED: "refused",
    Tie.PENDING: "waits",
    Tie.PROPOSED: "proposed",
    Tie.IGNORED: "ignored",
    Tie.WITHDRAWN: "withdrawn",
}  # that stand on the line; the style says the others
_SHORTENED = 23  # characters that fit in a box


@dataclass(frozen=True, slots=True)
class Box:
    """An identifier as it is drawn; `corner` is the radius that tells its level, `state` how it is coloured.

    A masked value is never in `text` nor in `title`: they say that it is hidden.
    """

    x: int
    y: int
    corner: int
    icon: str
    kind: str
    text: str
    title: str
    state: str
    href: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A link as it is drawn; `href` opens its evidence, and is empty where several links are one line."""

    link: GraphLink
    curve: Curve
    title: str
    word: str
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A link as the table tells it."""

    link: GraphLink
    a: GraphNode
    b: GraphNode
    tie: str
    href: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template needs for the picture."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]


def draw(found: Graph) -> Drawing:
    """The graph with a place for everything: the person in the middle, devices to the right, what joins nobody left."""
    members: list[GraphNode | Bundle] = [*found.nodes, *found.bundles]
    items = [Item(each.key, _column(each), rank) for rank, each in enumerate(members)]
    layout = lay_out(items, [(link.a, link.b) for link in found.links])
    named = {each.key: _named(each) for each in members}
    boxes = [_box(each, layout.spots[each.key], found.id) for each in members]
    lines = [_line(link, named, layout.spots, found.id) for link in found.links]
    return Drawing(layout.width, layout.height, boxes, lines)


def _column(each: GraphNode | Bundle) -> int:
    if isinstance(each, GraphNode) and not each.is_own:
        return 0
    return 2 if each.level is Level.DEVICE else 1


def _named(each: GraphNode | Bundle) -> str:
    if isinstance(each, Bundle):
        return f"{each.count:,} more of {each.name}"
    return f"{each.name} {_HIDDEN if each.written is None else each.written}"


def _box(each: GraphNode | Bundle, spot: Spot, person: UUID) -> Box:
    kind, shape = _shortened(each.name), (spot.x, spot.y, _CORNERS[each.level], _ICONS[each.level])
    if isinstance(each, Bundle):
        href = reverse("admin:person", args=[person]) + "#identifiers"
        title = f"{_named(each)}. The profile lists them all."
        return Box(*shape, kind, f"{each.count:,} more", title, "bundle", href)
    detail = "someone else" if each.other else _STANDINGS[each.standing] or str(each.level)
    return Box(
        *shape,
        kind=f"{kind} · {detail}",
        text=_HIDDEN if each.written is None else _shortened(each.written),
        title=f"{_named(each)}: " + ", ".join(dict.fromkeys([str(each.level), detail])),
        state="other" if each.other else "own" if each.is_own else str(each.standing),
        href=reverse("admin:person", args=[each.other]) if each.other else "",
        is_hidden=each.written is None,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORTENED else f"{text[: _SHORTENED - 1]}…"


def _line(link: GraphLink, named: Mapping[str, str], spots: Mapping[str, Spot], person: UUID) -> Line:
    merged = f"; made two people one on {link.merged_at:%-d %b %Y}" if link.merged_at else ""
    count = f"{link.count:,} links" if link.count > 1 else "link"
    return Line(
        link,
        curve(spots[link.a], spots[link.b]),
        title=f"{named[link.a]} and {named[link.b]}: {count}, {_TIES[link.tie]}{merged}",
        word="" if link.merged_at else _WORDS.get(link.tie, ""),
        href=_href(link, person),
    )


def _href(link: GraphLink, person: UUID) -> str:
    return reverse("admin:person_link", args=[person, link.evidence[0]]) if link.evidence else ""


def rows_of(found: Graph) -> list[Row]:
    """The links one by one, as a table tells them to who cannot see the picture."""
    nodes = {node.key: node for node in found.nodes}
    return [
        Row(link, nodes[link.a], nodes[link.b], _TIES[link.tie], _href(link, found.id))
        for link in found.links
        if link.a in nodes and link.b in nodes
    ]
