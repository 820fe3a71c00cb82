"""Operations, categories and forms in everyday words, and reasons as sentences."""

from django.utils.text import capfirst

from compliance.enums import Category, Operation
from compliance.forms import Form

OPERATIONS = {
    Operation.HOME_VIEW: "See the figures of Home",
    Operation.EVENTS_VIEW: "See events as they arrive",
    Operation.PEOPLE_VIEW: "See people: traits, identifiers, timeline",
    Operation.PEOPLE_SEARCH: "Search for people",
    Operation.PEOPLE_EXPORT: "Export all that is kept of a person",
    Operation.IDENTITY_DECIDE: "Say who is one person: merge, split, review",
    Operation.IDENTITY_RULES: "Change the rules of identity",
    Operation.SOURCES_VIEW: "See sources and what they send",
    Operation.SOURCES_MANAGE: "Make, rotate and disable sources and keys",
    Operation.CATALOGUE_MANAGE: "Describe and classify what sources send",
    Operation.IMPORTS_RUN: "Import files",
    Operation.PIPELINE_VIEW: "See topics and consumers",
    Operation.PIPELINE_OPERATE: "Resubmit and discard dead letters",
    Operation.PAYLOADS_VIEW: "See the bytes of messages",
    Operation.TOKENS_MANAGE: "Make and revoke API tokens",
    Operation.USERS_MANAGE: "Manage users and their roles",
    Operation.ROLES_MANAGE: "Change what roles allow",
    Operation.DIRECTORY_MANAGE: "Connect the directory, and say which group has which role",
    Operation.APPROVALS_DECIDE: "Approve what takes a second person",
    Operation.AUDIT_VIEW: "Read the audit trail",
    Operation.AUDIT_WATCH: "Say which access is unusual",
    Operation.SUPPRESSIONS_MANAGE: "Suppress people",
    Operation.PURPOSES_MANAGE: "Change purposes and their legal basis",
    Operation.CONSENTS_MANAGE: "Record consent, withdrawal, objection and restriction",
}
CATEGORIES = {
    Category.IDENTITY: "Identity: names, ids, birthdays",
    Category.CONTACT: "Contact: e-mail, phone, address, IP address",
    Category.BEHAVIOUR: "Behaviour: pages, visits, interests",
    Category.TRANSACTIONS: "Transactions: orders, prices, plans",
    Category.LOCATION: "Location: town, country",
    Category.SPECIAL: "Special: health, beliefs, secrets",
    Category.UNCLASSIFIED: "Unclassified: what no name gives away",
}
GROUPS_OF_OPERATIONS = {
    "People": (
        Operation.HOME_VIEW, Operation.PEOPLE_VIEW, Operation.PEOPLE_SEARCH, Operation.PEOPLE_EXPORT,
        Operation.CONSENTS_MANAGE, Operation.SUPPRESSIONS_MANAGE,
    ),
    "Identity": (Operation.IDENTITY_DECIDE, Operation.IDENTITY_RULES),
    "Data in": (
        Operation.EVENTS_VIEW, Operation.SOURCES_VIEW, Operation.SOURCES_MANAGE, Operation.CATALOGUE_MANAGE,
        Operation.IMPORTS_RUN,
    ),
    "Pipeline": (Operation.PIPELINE_VIEW, Operation.PIPELINE_OPERATE, Operation.PAYLOADS_VIEW),
    "Privacy": (
        Operation.AUDIT_VIEW, Operation.AUDIT_WATCH, Operation.PURPOSES_MANAGE, Operation.APPROVALS_DECIDE,
    ),
    "Users and access": (
        Operation.USERS_MANAGE, Operation.ROLES_MANAGE, Operation.TOKENS_MANAGE, Operation.DIRECTORY_MANAGE,
    ),
}  # fmt: skip
EXAMPLES = {
    Category.IDENTITY: "Jane Smith",
    Category.CONTACT: "jane@example.com",
    Category.BEHAVIOUR: "/pricing",
    Category.TRANSACTIONS: "129.90",
    Category.LOCATION: "Leeds",
    Category.SPECIAL: "hay fever",
    Category.UNCLASSIFIED: "B-42",
}
FORMS = {
    Form.CLEAR: "as they are",
    Form.HASHED: "as pseudonyms",
    Form.MASKED: "masked",
    Form.HIDDEN: "hidden",
}
_ENDS = (".", "?", "!", "…")


def sentence(reason: object) -> str:
    """An error or a reason as people read it: from a capital letter to a full stop; "" when there is none."""
    text = str(reason).strip()
    return capfirst(text) + ("" if text.endswith(_ENDS) else ".") if text else ""


def category_name(category: Category) -> str:
    """Its name, without what belongs to it."""
    return CATEGORIES[category].partition(":")[0]
