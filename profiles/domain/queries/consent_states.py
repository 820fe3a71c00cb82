"""Where a person stands with each purpose of the installation, what was said of it, and by which sources.

Consents are behaviour: who may not see that sees of which purposes something was said, and no more. Whoever sees some
sources is told what follows from what these and the staff said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from compliance.access import Actor, masked, require, require_shown
from compliance.audit import record_read
from compliance.consent import KnownPurpose, known_purposes
from compliance.enums import Category, Operation
from compliance.gate import NOTHING_SAID, PurposeRule, Said, purpose_rules
from profiles.domain.queries.finding import Held
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.permission import known_holder, said_of
from profiles.domain.queries.stated import NEWEST, NEWEST_OF_KNOWN, seen_by
from profiles.domain.source_names import source_names
from streaming.database import Row, fetch

MOST_OTHERS = 50  # purposes that events speak of and the installation does not know
STATEMENTS = 20  # of a purpose, the newest

# A refusal of any anchor comes before what others grant.
_STATES = """
SELECT DISTINCT ON (purpose) purpose, granted, timestamp, source_id, import_id FROM ({newest}) newest
ORDER BY purpose, granted, timestamp DESC LIMIT %(limit)s
"""
_OTHER = NEWEST.replace("{condition}", "NOT c.purpose = ANY(%(names)s)")
# Of each source and import the newest that granted, and the newest that refused.
_SAID = """
SELECT purpose, granted, at, source_id, import_id FROM (
    SELECT c.purpose, c.granted, max(c.timestamp) AS at, c.source_id, c.import_id,
        row_number() OVER (PARTITION BY c.purpose ORDER BY max(c.timestamp) DESC) AS place
    FROM profiles_anchor a CROSS JOIN LATERAL (
        SELECT * FROM profiles_consent c WHERE anchor_id = a.id AND purpose = ANY(%(names)s){seen} OFFSET 0
    ) c
    WHERE a.profile_id = %(row)s
    GROUP BY c.purpose, c.granted, c.source_id, c.import_id
) said
WHERE place <= %(limit)s ORDER BY at DESC, purpose
"""


class Stance(StrEnum):
    """What a person says of a purpose."""

    GRANTED = "granted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    HIDDEN = "hidden"  # something, which the actor may not see


@dataclass(frozen=True, slots=True)
class Statement:
    """What a source said of a purpose; `import_id` is that of the file it came in, else 0."""

    granted: bool
    at: datetime
    source: str
    import_id: int


@dataclass(frozen=True, slots=True)
class ConsentState:
    """Where a person stands with a purpose. `decided_by` is the statement that counts, None where nothing was said.

    `is_known` is False for what events speak of and the installation has no purpose for. `said` is only filled by
    `consents_in_full`, newest first.
    """

    key: str
    name: str
    is_known: bool
    needs_consent: bool
    stance: Stance
    decided_by: Statement | None = None
    said: list[Statement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Consents:
    """All that is shown of a person's consents; `has_more` says that events speak of further purposes.

    `said` are the objections and the restriction that hold, nothing to who may not see it; `rules` are those of the purposes, by key.
    """

    states: list[ConsentState]
    has_more: bool
    said: Said = NOTHING_SAID
    rules: Mapping[str, PurposeRule] = field(default_factory=dict)


def consent_states(actor: Actor, profile_id: UUID) -> list[ConsentState]:
    """Of the purposes of the installation, by key. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    held, known = known_holder(actor, profile_id), known_purposes()
    return _told(actor, held, known, _decided(actor, held, known), [])


def consents_in_full(actor: Actor, profile_id: UUID) -> Consents:
    """With those of other purposes, at most MOST_OTHERS, and the newest that each source said of each, STATEMENTS of them.

    Raises UnknownPerson, Gone, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    held, known = known_holder(actor, profile_id), known_purposes()
    others = _others(actor, held, known)
    decided = [*_decided(actor, held, known), *others[:MOST_OTHERS]]
    named = [*_names(known), *(row[0] for row in others[:MOST_OTHERS])]
    seen, sources = seen_by(actor)
    statements = fetch(
        _SAID.format(seen=seen), {"row": held.row, "names": named, "limit": STATEMENTS, **sources}
    )
    rules = {rule.key: rule for rule in purpose_rules([each.key for each in known])}
    is_hidden = masked(actor, Category.BEHAVIOUR)
    said = NOTHING_SAID if is_hidden else said_of([held.row], list(rules.values()))[held.row]
    said = said._replace(
        granted=frozenset(), refused=frozenset()
    )  # of all sources: the states tell what may be seen
    states = _told(actor, held, known, decided, statements)
    return Consents(states, len(others) > MOST_OTHERS, said, rules)


def _names(known: Sequence[KnownPurpose]) -> list[str]:
    return sorted({name for purpose in known for name in purpose.names})


def _decided(actor: Actor, held: Held, known: Sequence[KnownPurpose]) -> list[Row]:
    """What counts of each purpose of the installation, by key."""
    names = [(name, purpose.key) for purpose in known for name in sorted(purpose.names)]
    given = {"names": [name for name, _ in names], "keys": [key for _, key in names], "limit": len(known)}
    return _newest(actor, held, NEWEST_OF_KNOWN, given)


def _others(actor: Actor, held: Held, known: Sequence[KnownPurpose]) -> list[Row]:
    """What counts of purposes that events speak of and the installation does not know, by the names they have there."""
    given = {"names": _names(known), "limit": MOST_OTHERS + 1}
    return _newest(actor, held, _OTHER, given)


def _newest(actor: Actor, held: Held, newest: str, given: Mapping[str, object]) -> list[Row]:
    seen, sources = seen_by(actor)
    return fetch(_STATES.format(newest=newest.format(seen=seen)), {**given, "row": held.row, **sources})


def _told(
    actor: Actor, held: Held, known: Sequence[KnownPurpose], decided: Sequence[Row], said: Sequence[Row]
) -> list[ConsentState]:
    mask = Mask(actor)
    states = _states(known, decided, said, is_hidden=mask.hides(Category.BEHAVIOUR))
    record_read(
        actor, action="person.consents", subjects=[held.id], categories=sorted(mask.seen),
        detail={"purposes": len(states)},
    )  # fmt: skip
    return states


def _states(
    known: Sequence[KnownPurpose], decided: Sequence[Row], said: Sequence[Row], *, is_hidden: bool
) -> list[ConsentState]:
    sources = source_names({row[3] for row in (*decided, *said)})
    keys = {each.key for each in known}
    others = [
        KnownPurpose(row[0], row[0], needs_consent=True, names=frozenset([row[0]]))
        for row in decided if row[0] not in keys
    ]  # fmt: skip
    return [
        _state(purpose, decided, said, sources, is_known=purpose.key in keys, is_hidden=is_hidden)
        for purpose in (*known, *others)
    ]


def _state(
    purpose: KnownPurpose,
    decided: Sequence[Row],
    said: Sequence[Row],
    sources: Mapping[int, str],
    *,
    is_known: bool,
    is_hidden: bool,
) -> ConsentState:
    """The state of one purpose, of which events may speak by several names."""
    counting = [_statement(row, sources) for row in decided if row[0] == purpose.key]
    about = purpose.key, purpose.name, is_known, purpose.needs_consent
    if not counting:
        return ConsentState(*about, Stance.UNKNOWN)
    if is_hidden:
        return ConsentState(*about, Stance.HIDDEN)
    refusals = [each for each in counting if not each.granted]
    stance = Stance.REFUSED if refusals else Stance.GRANTED
    newest = max(refusals or counting, key=lambda each: each.at)
    statements = [_statement(row, sources) for row in said if row[0] in purpose.names]
    return ConsentState(*about, stance, newest, statements)


def _statement(row: Row, sources: Mapping[int, str]) -> Statement:
    _, granted, at, source_id, import_id = row
    return Statement(granted, at, sources[source_id], import_id)
