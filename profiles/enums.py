"""The words of identity. Plain Python, so that the pure functions of `profiles.identity` share them."""

from enum import StrEnum


class Level(StrEnum):
    """How surely an identifier of a namespace points to one person."""

    PERSON = "person"
    DEVICE = "device"
    GROUP = "group"
    HOUSEHOLD = "household"

    @property
    def resolves(self) -> bool:
        """Whether identifiers of this level join people at all."""
        return self in {Level.PERSON, Level.DEVICE}


class EvidenceRule(StrEnum):
    """Why two identifiers are said to belong together, or apart."""

    VERIFIED = "verified"  # both stood in one event, which says that the value was verified
    EVENT = "event"  # both stood in one event
    ALIAS = "alias"  # an alias call linked them
    IMPLIED = "implied"  # both stood in one event, beside a stronger identifier that links them
    CONTENT = "content"  # one stood in a text of an event of the other
    MERGE = "merge"  # a person of the staff said so
    KEEP_APART = "keep_apart"  # a person of the staff said that they are two people

    @property
    def is_decision(self) -> bool:
        """Whether a member of the staff, and not an event, stands behind it."""
        return self in _DECISIONS

    @property
    def rank(self) -> int:
        """What is decided first: the lower the earlier, whatever the priorities and times."""
        return _RANKS.get(self, 2)


_DECISIONS = frozenset({EvidenceRule.MERGE, EvidenceRule.KEEP_APART})
_RANKS = {
    EvidenceRule.MERGE: 0,
    EvidenceRule.KEEP_APART: 0,
    EvidenceRule.VERIFIED: 1,
    EvidenceRule.CONTENT: 3,
}


class EvidenceState(StrEnum):
    """What resolution did with a piece of evidence."""

    ACCEPTED = "accepted"  # its two identifiers are one person
    REFUSED = "refused"  # a rule forbids it; waits for review
    ATTACHED = "attached"  # an end is shared, group or household: joins nobody
    IGNORED = "ignored"  # an end is blocked
    WITHDRAWN = "withdrawn"  # void
    PENDING = "pending"  # waits for the recomputation of its cluster
    BESIDE = "beside"  # implied by links to a stronger identifier, which decide instead: joins nobody, ties nothing
    PROPOSED = "proposed"  # found in a text of a namespace that only proposes: joins nobody, ties nothing

    @property
    def takes_part(self) -> bool:
        """Whether evidence in this state connects what is decided together."""
        return self not in _ASIDE


_ASIDE = frozenset({EvidenceState.WITHDRAWN, EvidenceState.BESIDE, EvidenceState.PROPOSED})


class ContentUse(StrEnum):
    """What identifiers of a namespace do that were found in texts."""

    OFF = "off"  # texts are not searched for them
    PROPOSE = "propose"  # a link is proposed to the reviewers
    JOIN = "join"  # a link joins, after all others


class CauseKind(StrEnum):
    """What made people one, or took them apart."""

    EVENT = "event"
    DECISION = "decision"
    RULE = "rule"
    IMPORT = "import"
    RECOMPUTE = "recompute"


class ChangeState(StrEnum):
    """Where a change of the rules stands."""

    DRAFT = "draft"
    MEASURING = "measuring"
    READY = "ready"
    APPLYING = "applying"
    DONE = "done"
    CANCELLED = "cancelled"


class HandoverState(StrEnum):
    """How far an identifier is given to another person, or back."""

    FOLLOWING = "following"  # new events go by it; what was stored before follows
    DONE = "done"
    RETURNING = "returning"  # taken back; what was stored follows
    RETURNED = "returned"


class ReviewDecision(StrEnum):
    """What a reviewer said of a refused or proposed link."""

    MERGED = "merged"
    APART = "apart"
    LATER = "later"


class ProposalState(StrEnum):
    """What became of the proposal to block a value."""

    OPEN = "open"
    BLOCKED = "blocked"
    KEPT = "kept"


class Lifecycle(StrEnum):
    """Where a person stands with the organisation."""

    VISITOR = "visitor"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    FORMER_CUSTOMER = "former_customer"


class UndoState(StrEnum):
    """Where the undoing of an import stands."""

    RUNNING = "running"
    STOPPED = "stopped"  # half way, until somebody lets it go on
    DONE = "done"


class UndoPhase(StrEnum):
    """What the undoing of an import does now, in this order."""

    PLAN = "plan"  # find whom it touched
    FACTS = "facts"  # take its events and values away
    ALONE = "alone"  # let those go who came with it alone
    LINKS = "links"  # withdraw its links
    REST = "rest"  # let go what is left of them, and find anew since when the others are known


class DeclarationKind(StrEnum):
    """What a person declares."""

    CONSENT = "consent"  # to a purpose (GDPR Art. 7)
    OBJECTION = "objection"  # to a purpose, or to all that can be objected to (Art. 21)
    RESTRICTION = "restriction"  # their data are stored and not used (Art. 18)


class DeclarationOrigin(StrEnum):
    """How a declaration came."""

    API = "api"
    STAFF = "staff"
