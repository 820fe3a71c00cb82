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

    EVENT = "event"  # both stood in one event
    ALIAS = "alias"  # an alias call linked them
    MERGE = "merge"  # a person of the staff said so
    KEEP_APART = "keep_apart"  # a person of the staff said that they are two people

    @property
    def is_decision(self) -> bool:
        """Whether a member of the staff, and not an event, stands behind it."""
        return self in {EvidenceRule.MERGE, EvidenceRule.KEEP_APART}


class EvidenceState(StrEnum):
    """What resolution did with a piece of evidence."""

    ACCEPTED = "accepted"  # its two identifiers are one person
    REFUSED = "refused"  # a rule forbids it; waits for review
    ATTACHED = "attached"  # an end is shared, group or household: joins nobody
    IGNORED = "ignored"  # an end is blocked
    WITHDRAWN = "withdrawn"  # void


class Lifecycle(StrEnum):
    """Where a person stands with the organisation."""

    VISITOR = "visitor"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    FORMER_CUSTOMER = "former_customer"
