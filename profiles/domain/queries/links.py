"""The evidence that holds a person together, and what was refused, as the screens and the API tell it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.text import capfirst

from compliance.access import category_of_namespace
from compliance.enums import Category
from profiles.domain.queries.events_behind import events_behind
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.source_names import source_names
from profiles.enums import EvidenceRule, EvidenceState
from streaming.database import Row, fetch

MAX_LINKS = 10_000  # of one person

_SELECT = """
SELECT e.id, e.rule, e.state, e.refused_by, e.decided_by, e.source_id, e.import_id, e.event_time, e.message_id,
    e.place, e.withdrawn_by, e.withdrawn_at, e.withdrawn_why,
    (SELECT name FROM profiles_namespace r WHERE r.key = split_part(e.refused_by, ':', 2)),
    a.id, na.key, na.name, na.priority, na.normaliser, a.value, a.profile_id,
    b.id, nb.key, nb.name, nb.priority, nb.normaliser, b.value, b.profile_id
FROM {evidence} e
JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_namespace na ON na.id = a.namespace_id
JOIN profiles_identifier b ON b.id = e.b_id JOIN profiles_namespace nb ON nb.id = b.namespace_id
"""
# Of each kind no more than are wanted: a person of 15,000 devices has as many links.
_AROUND = f"""
WITH own AS (SELECT id FROM profiles_identifier WHERE profile_id = %(row)s),
touching AS (
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.a_id = own.id LIMIT %(limit)s)
    UNION
    (SELECT e.* FROM own JOIN profiles_evidence e ON e.b_id = own.id LIMIT %(limit)s)
),
counted AS (
    SELECT *, row_number() OVER (
        PARTITION BY state, rule = 'keep_apart' AND state <> 'withdrawn' ORDER BY event_time, id
    ) AS turn FROM touching
)
{_SELECT.format(evidence="(SELECT * FROM counted WHERE turn <= %(most)s)")}
ORDER BY e.event_time, e.id
"""
_AFTER = f"""
WITH own AS (SELECT id FROM profiles_identifier WHERE profile_id = %(row)s),
touching AS (
    SELECT e.* FROM own JOIN profiles_evidence e ON e.a_id = own.id WHERE e.id > %(after)s
    UNION
    SELECT e.* FROM own JOIN profiles_evidence e ON e.b_id = own.id WHERE e.id > %(after)s
)
{_SELECT.format(evidence="(SELECT * FROM touching ORDER BY id LIMIT %(most)s)")}
ORDER BY e.id
"""
_NAMED = _SELECT.format(evidence="profiles_evidence") + "WHERE e.id = ANY(%(ids)s)"


@dataclass(frozen=True, slots=True)
class End:
    """One identifier of a link. `value` is None when it is masked; `is_own` says whether it is this person's.

    `name` is what staff call its namespace, `written` the value as people write it; `priority` says how strong the
    namespace is: 1 is the strongest.
    """

    node: int
    namespace: str
    name: str
    priority: int
    value: str | None
    written: str | None
    is_own: bool

    def __str__(self) -> str:
        return (
            f"{self.name[:1].lower()}{self.name[1:]} {'(masked)' if self.written is None else self.written}"
        )


@dataclass(frozen=True, slots=True)
class Link:
    """One piece of evidence: two identifiers, why they were linked, and the earliest event that showed it.

    `event` is that event in words, as far as it is kept and may be told. `refused_of` is what staff call the namespace
    whose rule refused it. `place` is the path of the text that a value was found in. A withdrawn one says who withdrew it, when, and why.
    """

    id: int
    a: End
    b: End
    rule: EvidenceRule
    state: EvidenceState
    refused_by: str
    refused_of: str
    decided_by: str
    source: str
    import_id: int
    at: datetime
    message_id: str
    place: str
    withdrawn_by: str
    withdrawn_at: datetime | None
    withdrawn_why: str
    event: str = "an event"
    source_id: int = 0

    @property
    def reason(self) -> str:
        """Why the two belong together, or apart, as a sentence."""
        if self.rule in _SAID:
            return f"{self.decided_by or 'Staff'} said on {_moment(self.at)} that {self.a} and {self.b} are {_SAID[self.rule]}."
        return f"{capfirst(str(self.a))} and {self.b} were seen together: {self.circumstances}."

    @property
    def circumstances(self) -> str:
        """The event, its source and time, and the rule."""
        return f"{self.event} of {self.origin}, {_moment(self.at)}; rule: {self.rule_in_words}"

    @property
    def origin(self) -> str:
        """The source, and the import if it was one."""
        return f"{self.source} (import {self.import_id})" if self.import_id else self.source

    @property
    def rule_in_words(self) -> str:
        """What links two identifiers by this rule."""
        return _RULES[self.rule].format(link=self)

    @property
    def refusal(self) -> str:
        """Why a refused link does not count, as a sentence; empty for the others."""
        if self.state is not EvidenceState.REFUSED:
            return ""
        kind = self.refused_by.partition(":")[0]
        return _REFUSALS.get(kind, "A rule forbids it.").format(link=self)

    def other_than(self, end: End) -> End:
        """Its other end."""
        return self.b if self.a.node == end.node else self.a


_SAID = {EvidenceRule.MERGE: "one person", EvidenceRule.KEEP_APART: "two people"}
_RULES = {
    EvidenceRule.EVENT: "both stood in one event",
    EvidenceRule.VERIFIED: "both stood in one event, which says that the value was verified",
    EvidenceRule.ALIAS: "an alias call named them as one person",
    EvidenceRule.IMPLIED: "both stood in one event, beside an identifier that is stronger",
    EvidenceRule.CONTENT: "the one stood in a text of the other, at {link.place}",
    EvidenceRule.MERGE: "a member of staff said so",
    EvidenceRule.KEEP_APART: "a member of staff said so",
}
_REFUSALS = {
    "unique": "Joining them would give one person two values of {link.refused_of}, which is unique.",
    "limit": "Joining them would give one person more values of {link.refused_of} than the limit.",
    "keep_apart": "A member of staff said that they are two people.",
}


def links_of(row: int, mask: Mask, *, most: int) -> list[Link]:
    """The links that touch this person's identifiers, the earliest first, without their events.

    At most `most` of each state (of decisions to keep apart besides), of MAX_LINKS that are looked at.
    """
    return told(_links(fetch(_AROUND, {"row": row, "limit": MAX_LINKS, "most": most}), row, mask), mask)


def links_after(after: int, row: int, mask: Mask, *, most: int) -> list[Link]:
    """The next `most` links that touch this person's identifiers, by their ids, without their events.

    Those of which nothing may be told are among them (see `told`), so that a page knows where it ends.
    """
    return _links(fetch(_AFTER, {"row": row, "after": after, "most": most}), row, mask)


def links_named(ids: Collection[int], row: int, mask: Mask) -> dict[int, Link]:
    """Links by the ids of their evidence, with their events, as seen from the person of this row."""
    if not ids:
        return {}
    found = told(_links(fetch(_NAMED, {"ids": sorted(ids)}), row, mask), mask)
    return {link.id: link for link in with_events(found, mask)}


def told(links: Sequence[Link], mask: Mask) -> list[Link]:
    """The links without those with an end of which nothing may be told, or from a source that the actor may not see."""
    if mask.omits_nothing and mask.sees_all_sources:
        return list(links)
    return [
        link
        for link in links
        if mask.sees_source(link.source_id)
        and not any(mask.omits_identifier(end.namespace) for end in (link.a, link.b))
    ]


def with_events(links: Sequence[Link], mask: Mask) -> list[Link]:
    """The links, each with the event behind it. A bounded number of statements, however many links."""
    shown = [link.id for link in links if link.rule not in _SAID]
    if not shown or mask.hides(Category.BEHAVIOUR):
        return list(links)
    found = events_behind(shown)
    words = {**dict.fromkeys(found.gone, "an event that is no longer kept"), **found.words}
    return [replace(link, event=words[link.id]) if link.id in words else link for link in links]


def _links(rows: Sequence[Row], row: int, mask: Mask) -> list[Link]:
    sources = source_names({found[5] for found in rows})
    return [_link(found, row, sources[found[5]], mask) for found in rows]


def _link(found: Row, row: int, source: str, mask: Mask) -> Link:
    identity, rule, state, refused_by, decided_by, source_id, import_id, at, message_id, *rest = found
    place, withdrawn_by, withdrawn_at, withdrawn_why, refused_of, *ends = rest
    half = len(ends) // 2
    key = refused_by.partition(":")[2]
    if key and mask.omits_identifier(key):
        refused_by = refused_of = ""  # the rule of a namespace of which nothing may be told
    return Link(
        id=identity,
        a=_end(ends[:half], row, mask),
        b=_end(ends[half:], row, mask),
        rule=EvidenceRule(rule),
        state=EvidenceState(state),
        refused_by=refused_by,
        refused_of=refused_of or refused_by.partition(":")[2],
        decided_by=decided_by,
        source=source,
        import_id=import_id,
        at=at,
        message_id=message_id,
        place=place,
        withdrawn_by=withdrawn_by,
        withdrawn_at=withdrawn_at,
        withdrawn_why=withdrawn_why,
        source_id=source_id,
    )


def _end(columns: list[Any], row: int, mask: Mask) -> End:
    node, namespace, name, priority, normaliser, value, profile = columns
    shown = mask.value(category_of_namespace(namespace), value)
    return End(node, namespace, name, priority, shown, as_people_write(normaliser, shown), profile == row)


def _moment(at: datetime) -> str:
    """A time in the API's zone; the screens show it in the viewer's."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
