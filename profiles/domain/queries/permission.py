"""What holds of people for the gate (`compliance.gate`), and asking it before they are shown to anybody.

Of an anchor and a purpose, by whichever of its names events speak of it, the newest statement counts; of the anchors of a
person any refusal. An objection or a restriction holds as long as it does for any anchor. So a merge never permits
anything, and after it is undone each has what was said of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

import orjson

from compliance.access import AccessDenied, Actor
from compliance.audit import record_denied_use
from compliance.consent import ANY_USE, Use, use_for_any
from compliance.enums import ActorKind
from compliance.gate import NOTHING_SAID, Gate, PurposeRule, Said, bound_to, gate_of, purpose_rules
from profiles.domain.queries.finding import Held, UnknownPerson, holder_of
from profiles.domain.queries.of_sources import Listed, Told, known_to, told_of
from profiles.domain.queries.paging import Cursor, Page, page_of, write_cursor
from profiles.enums import DeclarationKind
from streaming.database import Row
from streaming.prepared import run_prepared

MOST_ROUNDS = 20  # of reading, in which a page is filled with people who may be used

# Anchor by anchor: of who has very many PostgreSQL would rather join all that was said of everybody.
_SAID = """
SELECT a.profile_id, 'consent', c.key, bool_and(c.granted)
FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT DISTINCT ON (k.key) k.key, c.granted
    FROM unnest(%s::text[], %s::text[]) AS k(name, key) JOIN profiles_consent c ON c.anchor_id = a.id AND c.purpose = k.name
    ORDER BY k.key, c.timestamp DESC, c.granted, c.source_id DESC, c.message_id DESC, c.import_id DESC OFFSET 0
) c
WHERE a.profile_id = ANY(%s) GROUP BY 1, 3
UNION ALL
SELECT a.profile_id, d.kind, d.purpose, bool_or(d.holds)
FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT DISTINCT ON (kind, purpose) kind, purpose, holds FROM profiles_declaration
    WHERE anchor_id = a.id AND kind <> 'consent' ORDER BY kind, purpose, id DESC OFFSET 0
) d
WHERE a.profile_id = ANY(%s) GROUP BY 1, 2, 3
"""
# And the purposes as they are in the same moment.
_SAID_NOW = f"""{_SAID}
UNION ALL
SELECT NULL, '', jsonb_build_array(key, needs_consent, legal_basis, objection_is_absolute, aliases)::text, NULL
FROM compliance_purpose WHERE key = ANY(%s)
"""
_ROWS = "SELECT birth_id, profile_id FROM profiles_anchor WHERE birth_id = ANY(%s) AND profile_id IS NOT NULL"


class UseDenied(AccessDenied):
    """The person may not be used for what the actor is bound to. For which reason is not told: it would be theirs to tell."""

    def __init__(self) -> None:
        super().__init__(
            "The data of this person may not be used for this purpose: a consent is missing or withdrawn, they object, "
            "or processing is restricted."
        )


def said_of(rows: Collection[int], rules: Sequence[PurposeRule]) -> dict[int, Said]:
    """What holds of the people of these rows, of each: in one statement."""
    return _told(rows, run_prepared(_SAID, _asked(rows, rules)))


def _asked(rows: Collection[int], rules: Iterable[PurposeRule]) -> list[Any]:
    names = [(name, rule.key) for rule in rules for name in sorted(rule.names)]
    people = sorted(rows)
    return [[name for name, _ in names], [key for _, key in names], people, people]


def _told(rows: Iterable[int], found: Iterable[Row]) -> dict[int, Said]:
    told: dict[int, list[tuple[str, str, bool]]] = defaultdict(list)
    for row, kind, purpose, holds in found:
        told[row].append((kind, purpose, holds))
    return {row: _said(told[row]) if row in told else NOTHING_SAID for row in rows}


def _said(told: Iterable[tuple[str, str, bool]]) -> Said:
    sets: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for kind, purpose, holds in told:
        sets[kind, holds].add(purpose)
    return Said(
        granted=frozenset(sets[DeclarationKind.CONSENT, True]),
        refused=frozenset(sets[DeclarationKind.CONSENT, False]),
        objected=frozenset(sets[DeclarationKind.OBJECTION, True]),
        restricted=bool(sets[DeclarationKind.RESTRICTION, True]),
    )


def said_of_people(people: Collection[UUID], rules: Sequence[PurposeRule]) -> Mapping[UUID, Said]:
    """What holds of people, by any id that they were ever given; without those whom nobody is."""
    rows: dict[UUID, int] = dict(run_prepared(_ROWS, [list(people)]))
    said = said_of(set(rows.values()), rules)
    return {each: said[row] for each, row in rows.items()}


def holder_for(actor: Actor, profile_id: UUID) -> Held:
    """Who holds this id now, and may be used by the actor. Raises UnknownPerson, Gone, UseDenied, which is recorded."""
    held = known_holder(actor, profile_id)
    require_use(actor, {held.row: held.id})
    return held


def known_holder(actor: Actor, profile_id: UUID) -> Held:
    """Who holds this id now, where a source that the actor may see knows them. Raises UnknownPerson, Gone."""
    held = holder_of(profile_id)
    if held.row not in known_to(actor, [held.row]):
        raise UnknownPerson
    return held


def require_use(actor: Actor, people: Mapping[int, UUID]) -> None:
    """Raise UseDenied, and record it, unless all of these (ids by row) may be used by the actor."""
    refused = set(people) - usable(gate_of(actor), people)
    if refused:
        deny_use(actor, [people[row] for row in refused])


def deny_use(actor: Actor, people: Collection[UUID]) -> NoReturn:
    """Record that the actor met people who may not be used. Raises UseDenied."""
    record_denied_use(actor, subjects=people, purposes=sorted(bound_to(actor)))
    raise UseDenied


def usable(gate: Gate, rows: Collection[int]) -> set[int]:
    """Those of these rows that the gate lets through."""
    if gate.is_open or not rows:
        return set(rows)
    return {row for row, said in said_of(rows, gate.rules).items() if gate.lets(said)}


_rules_of: dict[frozenset[str], tuple[PurposeRule, ...]] = {}  # as they were when last asked, by purposes


class Admission:
    """Whom an actor may use, while one question of theirs is answered: in one statement, with what their purposes ask now."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._told = Told(set(), {}, set())

    @cached_property
    def gate(self) -> Gate:
        """The gate that the actor stands before."""
        return gate_of(self.actor)

    @property
    def use(self) -> Use:
        """The use that the actor makes of facts of people whom the gate let through (`compliance.consent.use_by`)."""
        if not self.gate.is_bound:
            return ANY_USE
        return use_for_any(Use(rule.key, rule.needs_consent, rule.names) for rule in self.gate.rules)

    def usable(self, rows: Collection[int]) -> set[int]:
        """Those of these people whom the actor may use now."""
        bound = bound_to(self.actor)
        if not bound or not rows:
            return usable(self.gate, rows) if rows else set()
        if bound not in _rules_of:
            _rules_of[bound] = self.gate.rules
        said, rules = _said_now(rows, _rules_of[bound], bound)
        self.gate = gate = Gate(rules, is_bound=True, minds_restriction=self.actor.kind is ActorKind.TOKEN)
        return {row for row, each in said.items() if gate.lets(each)}

    def told(self, rows: Collection[int]) -> Told | None:
        """What sources that the actor may see know of these people (and of others); None for who sees all sources."""
        new = [row for row in rows if row not in self._told.identifiers]
        more = told_of(self.actor, new)
        if more is not None:
            known, identifiers, ids = self._told
            self._told = Told(known | more.known, {**identifiers, **more.identifiers}, ids | more.ids)
        return None if more is None else self._told

    def known(self, rows: Collection[int]) -> set[int]:
        """Those of these people whom a source that the actor may see knows."""
        asked = {row for row in rows if row in self._told.identifiers}
        return (asked & self._told.known) | known_to(self.actor, set(rows) - asked)


def _said_now(
    rows: Collection[int], rules: tuple[PurposeRule, ...], bound: frozenset[str]
) -> tuple[dict[int, Said], tuple[PurposeRule, ...]]:
    """What holds of these people, and the purposes of the same moment: asked again where they are not as they were."""
    while True:
        found = run_prepared(_SAID_NOW, [*_asked(rows, rules), sorted(bound)])
        stored = [tuple(orjson.loads(row[2])) for row in found if row[0] is None]
        now = tuple(purpose_rules(bound, run=partial(_given, stored)))
        if set(now) == set(rules):
            return _told(rows, (row for row in found if row[0] is not None)), rules
        rules = _rules_of[bound] = now


def _given(rows: list[Row], _query: str, _parameters: list[Any]) -> list[Row]:
    return rows


class Admitted(NamedTuple):
    """A page of rows that the actor may use, and those that they may of the others that were asked of."""

    page: Page[int]
    beside: set[int]


def usable_page(
    admission: Admission,
    start: Cursor | None,
    limit: int,
    listing: str,
    read: Callable[[int | None, int], Listed],
    *,
    beside: Collection[int] = (),
) -> Admitted:
    """A page of rows that the actor may use. `read` gives so many of all, behind a row, in the direction of the cursor.

    Who may not be used is passed over, so that a page tells nobody that there is somebody. When MOST_ROUNDS looks found too
    few, the page is shorter, and the next one goes on behind the last row that was looked at. Of those `beside` the page is
    asked with its first rows.
    """
    backwards = start is not None and start.backwards
    last: int | None = start.position[0] if start else None
    found: list[int] = []
    waiting = admission.known(beside)
    admitted: set[int] = set()
    for _ in range(MOST_ROUNDS):
        some, are_known = read(last, limit + 1)
        rows = [row for row, *_ in some]
        may = admission.usable({*waiting, *(rows if are_known else admission.known(rows))})
        admitted |= waiting & may
        waiting = set()
        found += [row for row in rows if row in may]
        if len(found) > limit or len(rows) <= limit:
            page = page_of(
                found[: limit + 1], limit=limit, cursor=start, listing=listing, position=lambda row: (row,)
            )
            return Admitted(page, admitted)
        last = rows[-1]
    page = page_of(found, limit=limit, cursor=start, listing=listing, position=lambda row: (row,))
    ahead = write_cursor(listing, (last,), backwards=backwards)
    pages = (page.next, ahead) if backwards else (ahead, page.previous)
    return Admitted(Page(page.items, *pages), admitted)
