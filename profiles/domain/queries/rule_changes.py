"""Changes of rules as the screens and the API show them: what they change, what that would do, how far they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from compliance.access import Actor, require
from compliance.enums import Operation
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.people import people_of_rows
from profiles.domain.queries.shown import Person
from profiles.domain.rules.editing import OPEN, UnknownChange
from profiles.domain.rules.history import Difference, differences
from profiles.domain.rules.sight import shown_differences
from profiles.enums import ChangeState
from profiles.models import Anchor, Cluster, RuleChange, RulesVersion

SHOWN = 50
_LISTING = "profiles.rule_changes"


@dataclass(frozen=True, slots=True)
class Example:
    """One thing that the change would do. Of those who are meant, whoever still is somebody."""

    kind: str
    sentence: str
    people: list[Person]


@dataclass(frozen=True, slots=True)
class ChangeOfRules:
    """A change. `is_stale` says that the rules changed since it was measured; `too_large` counts groups that were not.

    `looked_at` says of how many of how many values the dry run looked at, where its time did not do for all: then its
    figures are of these alone.

    `waiting` are the groups of people that are decided in the background now, whatever made them wait.
    """

    id: int
    key: str
    name: str
    state: ChangeState
    differences: list[Difference]
    merges: int
    splits: int
    reviews: int
    people: int
    too_large: int
    looked_at: tuple[int, int] | None
    examples: list[Example]
    measured_at: datetime | None
    made_by: str
    made_at: datetime
    applied_by: str
    applied_at: datetime | None
    done: int
    total: int
    is_stale: bool
    waiting: int
    failed: str

    @property
    def fraction(self) -> float:
        """How much of what goes on is done, from 0 to 1."""
        if self.state is ChangeState.DONE:
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def is_working(self) -> bool:
        """Whether something goes on with it."""
        return self.state in (ChangeState.DRAFT, ChangeState.MEASURING, ChangeState.APPLYING)

    @property
    def is_open(self) -> bool:
        """Whether it can be called off."""
        return self.state in OPEN

    @property
    def touches_nobody(self) -> bool:
        """Whether the dry run found that everybody stays as they are."""
        return not (self.merges or self.splits or self.reviews or self.too_large or self.looked_at)


def rule_change(actor: Actor, change_id: int) -> ChangeOfRules:
    """One change, with the people of its examples. Raises UnknownChange, AccessDenied."""
    require(actor, Operation.IDENTITY_RULES)
    row = RuleChange.objects.select_related("namespace").filter(pk=change_id).first()
    if row is None:
        raise UnknownChange(f"there is no rule change {change_id}")
    examples = row.examples if row.state == ChangeState.READY else []
    is_done = row.state == ChangeState.DONE
    waiting = Cluster.objects.filter(due_at__isnull=False).count() if is_done else 0
    return _change(
        actor, row, RulesVersion.objects.get().version, _examples(actor, row.pk, examples), waiting
    )


def rule_changes(actor: Actor, *, cursor: str | None = None, limit: int = SHOWN) -> Page[ChangeOfRules]:
    """All changes, the latest first, without examples and `waiting`. Raises InvalidCursor, AccessDenied."""
    require(actor, Operation.IDENTITY_RULES)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    rows = RuleChange.objects.select_related("namespace").order_by("-pk")
    if start is not None:
        (last,) = start.position
        rows = rows.order_by("pk").filter(pk__gt=last) if start.backwards else rows.filter(pk__lt=last)
    page = page_of(
        list(rows[: limit + 1]),
        limit=limit,
        cursor=start,
        listing=_LISTING,
        position=lambda row: (row.pk,),
    )
    version = RulesVersion.objects.get().version
    return Page([_change(actor, row, version, []) for row in page.items], page.next, page.previous)


def _change(
    actor: Actor, row: RuleChange, version: int, examples: list[Example], waiting: int = 0
) -> ChangeOfRules:
    assert row.namespace is not None
    state = ChangeState(row.state)
    left = (row.cursor or {}) if state is ChangeState.READY else {}
    done, total = left.get("looked_at", (0, 0))
    return ChangeOfRules(
        id=row.pk,
        key=row.namespace.key,
        name=row.namespace.name,
        state=state,
        differences=shown_differences(actor, row.namespace.key, differences(row.before, row.after)),
        merges=row.merges,
        splits=row.splits,
        reviews=row.reviews,
        people=row.people,
        too_large=left.get("too_large", 0),
        looked_at=(done, total) if done else None,
        examples=examples,
        measured_at=row.measured_at,
        made_by=row.made_by,
        made_at=row.made_at,
        applied_by=row.applied_by,
        applied_at=row.applied_at,
        done=row.done,
        total=row.total,
        is_stale=state is ChangeState.READY and row.rules_version != version,
        waiting=waiting,
        failed=row.failed,
    )


def _examples(actor: Actor, change_id: int, examples: list[dict[str, Any]]) -> list[Example]:
    ids = {UUID(each) for example in examples for each in example["ids"]}
    found: dict[UUID, int] = dict(
        Anchor.objects.filter(birth_id__in=ids, profile__isnull=False).values_list("birth_id", "profile_id")
    )
    rows = sorted(set(found.values()))
    detail = {"change": change_id}
    people = (
        {each.row: each for each in people_of_rows(actor, rows, "identity.dry_run", detail)} if rows else {}
    )
    return [
        Example(
            example["kind"],
            example["sentence"],
            [people[found[UUID(each)]] for each in example["ids"] if UUID(each) in found],
        )
        for example in examples
    ]
