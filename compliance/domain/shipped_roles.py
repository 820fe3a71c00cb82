"""The roles that come with the product, beside the administrator: what each needs for its work, and no more."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from compliance.enums import Category, Operation

MARKETER = "marketer"
_IDENTITY, _CONTACT, _BEHAVIOUR = Category.IDENTITY, Category.CONTACT, Category.BEHAVIOUR
_TRANSACTIONS, _LOCATION, _SPECIAL = Category.TRANSACTIONS, Category.LOCATION, Category.SPECIAL
_UNCLASSIFIED = Category.UNCLASSIFIED
_ACTIVITY = (_BEHAVIOUR, _TRANSACTIONS, _LOCATION)


@dataclass(frozen=True, slots=True)
class ShippedRole:
    """One role; data of categories in none of the three are masked."""

    name: str
    description: str
    operations: Collection[Operation]
    clear: Collection[Category] = ()
    hashed: Collection[Category] = ()
    hidden: Collection[Category] = ()

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the role's row."""
        return {
            "description": self.description,
            "operations": list(self.operations),
            "categories": list(self.clear),
            "hashed": list(self.hashed),
            "hidden": list(self.hidden),
        }


SHIPPED = (
    ShippedRole(
        MARKETER,
        "Works with people and what they do; contact data are masked, special data hidden",
        [Operation.HOME_VIEW, Operation.PEOPLE_VIEW, Operation.PEOPLE_SEARCH, Operation.EVENTS_VIEW, Operation.SOURCES_VIEW],
        clear=[_IDENTITY, *_ACTIVITY],
        hidden=[_SPECIAL],
    ),
    ShippedRole(
        "analyst",
        "Studies behaviour; people are pseudonyms, special data hidden",
        [Operation.HOME_VIEW, Operation.PEOPLE_VIEW, Operation.EVENTS_VIEW, Operation.SOURCES_VIEW],
        clear=_ACTIVITY,
        hashed=[_IDENTITY, _CONTACT],
        hidden=[_SPECIAL, _UNCLASSIFIED],
    ),
    ShippedRole(
        "DPO",
        "Answers for data protection: sees everything, decides on consent, suppression and exports, reads the audit trail",
        [
            Operation.HOME_VIEW, Operation.PEOPLE_VIEW, Operation.PEOPLE_SEARCH, Operation.PEOPLE_EXPORT,
            Operation.EVENTS_VIEW, Operation.SOURCES_VIEW, Operation.CATALOGUE_MANAGE, Operation.SUPPRESSIONS_MANAGE,
            Operation.PURPOSES_MANAGE, Operation.CONSENTS_MANAGE, Operation.APPROVALS_DECIDE, Operation.AUDIT_VIEW,
            Operation.AUDIT_WATCH,
        ],
        clear=list(Category),
    ),
    ShippedRole(
        "data engineer",
        "Connects sources and repairs what they send; who people are is a pseudonym, special data hidden",
        [
            Operation.HOME_VIEW, Operation.EVENTS_VIEW, Operation.SOURCES_VIEW, Operation.SOURCES_MANAGE,
            Operation.CATALOGUE_MANAGE, Operation.IMPORTS_RUN, Operation.PIPELINE_VIEW, Operation.PIPELINE_OPERATE,
        ],
        clear=_ACTIVITY,
        hashed=[_IDENTITY],
        hidden=[_SPECIAL],
    ),
    ShippedRole(
        "operator",
        "Keeps the installation running; sees no personal data",
        [Operation.HOME_VIEW, Operation.SOURCES_VIEW, Operation.PIPELINE_VIEW, Operation.PIPELINE_OPERATE],
        hidden=list(Category),
    ),
    ShippedRole(
        "support agent",
        "Helps people who call: sees who they are and what happened, records their consent; special data hidden",
        [
            Operation.PEOPLE_VIEW, Operation.PEOPLE_SEARCH, Operation.EVENTS_VIEW, Operation.SOURCES_VIEW,
            Operation.CONSENTS_MANAGE,
        ],
        clear=[_IDENTITY, _CONTACT, *_ACTIVITY],
        hidden=[_SPECIAL],
    ),
    ShippedRole(
        "auditor",
        "Reads the audit trail, and no personal data",
        [Operation.HOME_VIEW, Operation.AUDIT_VIEW],
        hidden=list(Category),
    ),
)  # fmt: skip
