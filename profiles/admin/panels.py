"""Port: further tabs of a person's page. Whoever knows more about people brings a panel; by default there are few."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from compliance.access import Actor, hidden
from compliance.enums import Category
from compliance.sources import sees_all_sources
from profiles.domain.queries import Person


class Content(NamedTuple):
    """What a panel shows: the person, what its template needs, and where its next page begins."""

    person: Person
    context: Mapping[str, Any]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One tab. `key` stands in its address, `label` on the tab; tabs come by `order`, after the profile itself.

    `read` takes the actor, the id and the cursor of a page; it asks for access and keeps the read in the audit
    trail. It raises UnknownPerson, Gone, InvalidCursor, AccessDenied. `template` extends `profiles/base.html`.
    Where all that it shows is of one `category`, the tab is not offered to whom that is hidden from; one `of_all_sources`
    cannot be told apart by source, and is not offered to who sees only some.
    """

    key: str
    label: str
    order: int
    template: str
    read: Callable[[Actor, UUID, str | None], Content]
    category: Category | None = None
    of_all_sources: bool = False


_panels: dict[str, Panel] = {}


def register_panel(panel: Panel) -> None:
    """Make a tab known. Raises ValueError when another one has its key."""
    if _panels.setdefault(panel.key, panel) != panel:
        raise ValueError(f"two panels are named {panel.key!r}: give one of them another key")


def panel_named(key: str) -> Panel | None:
    """The tab of this key."""
    return _panels.get(key)


def panels_for(actor: Actor) -> list[Panel]:
    """Those that the actor may know of, in the order of the tabs."""
    offered = [
        panel
        for panel in _panels.values()
        if not (panel.category and hidden(actor, panel.category))
        and (sees_all_sources(actor) or not panel.of_all_sources)
    ]
    return sorted(offered, key=lambda panel: panel.order)
