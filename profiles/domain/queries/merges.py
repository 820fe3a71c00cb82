"""Two people who became one, and one who became several: what happened, and why, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.utils.text import capfirst

from profiles.domain.queries.links import End, Link
from profiles.enums import CauseKind, EvidenceRule

MOST_LINKS = 20  # of one merge or split that are told


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people became one: `source` went on as `target`.

    `links` are the evidence that led from the one to the other, the target's end first, and `further` how many more
    there were. `is_undone` says that the two ids belong to different people now.
    """

    kind: ClassVar[str] = "merge"
    id: int
    source: UUID
    target: UUID
    at: datetime
    cause: CauseKind
    decided_by: str
    links: list[Link]
    further: int
    is_undone: bool

    @property
    def pivot(self) -> End | None:
        """The identifier that both had, if it was one."""
        return _pivot(self.links)

    @property
    def reason(self) -> str:
        """Why, beginning with what both had; a sentence."""
        if not self.links:
            return "The evidence is no longer kept."
        pivot = self.pivot
        if pivot is None:
            told = " ".join(link.reason for link in self.links)
        else:
            seen = "; ".join(f"with {link.other_than(pivot)}: {link.circumstances}" for link in self.links)
            told = f"{capfirst(str(pivot))} was seen on both: {seen}."
        return f"{told} And {self.further} more links." if self.further else told

    @property
    def sentence(self) -> str:
        """What happened and why."""
        undone = " They are two people again." if self.is_undone else ""
        return f"{self.source} became part of {self.target}. {self.reason}{undone}"


@dataclass(frozen=True, slots=True)
class Split:
    """A person was taken apart: `anchors` of the devices and logins of `source` went on as `target` (None: nobody's).

    `links` held the two together and no longer do. `is_undone` says that both ids belong to one person now.
    """

    kind: ClassVar[str] = "split"
    id: int
    source: UUID
    target: UUID | None
    at: datetime
    cause: CauseKind
    decided_by: str
    why: str
    anchors: int
    links: list[Link]
    further: int
    is_undone: bool

    @property
    def reason(self) -> str:
        """Why, as a sentence."""
        words = _CAUSES[self.cause].format(by=self.decided_by or "A member of staff")
        return f"{words}: {self.why}." if self.why else f"{words}."

    @property
    def sentence(self) -> str:
        """What happened and why."""
        whom = f"went on as {self.target}" if self.target else "belongs to nobody now"
        undone = " They are one person again." if self.is_undone else ""
        return f"Part of {self.source} {whom}. {self.reason}{undone}"


Change = Merge | Split

_CAUSES: dict[CauseKind, str] = {
    CauseKind.EVENT: "Later evidence showed that it is somebody else",
    CauseKind.DECISION: "{by} decided so",
    CauseKind.RULE: "The rules were changed by {by}",
    CauseKind.IMPORT: "An import was undone by {by}",
    CauseKind.RECOMPUTE: "All evidence was weighed again",
}
_SAID = frozenset({EvidenceRule.MERGE, EvidenceRule.KEEP_APART})


def _pivot(links: list[Link]) -> End | None:
    """The identifier that both people had: where two links meet, or the stronger end of a single one."""
    if not links or any(link.rule in _SAID for link in links):
        return None
    if len(links) == 1:
        return min((links[0].a, links[0].b), key=lambda end: (end.priority, end.node))
    if len(links) > 2:  # noqa: PLR2004 -- a longer chain has no middle
        return None
    first, second = links
    return next((end for end in (first.a, first.b) if end.node in (second.a.node, second.b.node)), None)
