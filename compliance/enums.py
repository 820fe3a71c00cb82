"""The words of control: who acts, what may be done, and which kinds of personal data there are."""

from enum import StrEnum


class ActorKind(StrEnum):
    """Who acts."""

    STAFF = "staff"
    TOKEN = "token"  # noqa: S105 -- a kind of actor, no secret
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class Operation(StrEnum):
    """What a role or a token may allow; the values are the scopes of API tokens."""

    HOME_VIEW = "home.view"
    EVENTS_VIEW = "events.view"
    PEOPLE_VIEW = "people.view"
    PEOPLE_SEARCH = "people.search"
    IDENTITY_DECIDE = "identity.decide"
    IDENTITY_RULES = "identity.rules"
    SOURCES_VIEW = "sources.view"
    SOURCES_MANAGE = "sources.manage"
    CATALOGUE_MANAGE = "catalogue.manage"
    IMPORTS_RUN = "imports.run"
    PIPELINE_VIEW = "pipeline.view"
    PIPELINE_OPERATE = "pipeline.operate"
    PAYLOADS_VIEW = "payloads.view"
    TOKENS_MANAGE = "tokens.manage"
    USERS_MANAGE = "users.manage"
    AUDIT_VIEW = "audit.view"
    SUPPRESSIONS_MANAGE = "suppressions.manage"


class Category(StrEnum):
    """A kind of personal data. What nobody has classified is UNCLASSIFIED and counts as sensitive."""

    IDENTITY = "identity"
    CONTACT = "contact"
    BEHAVIOUR = "behaviour"
    TRANSACTIONS = "transactions"
    LOCATION = "location"
    SPECIAL = "special"
    UNCLASSIFIED = "unclassified"

    @property
    def is_sensitive(self) -> bool:
        """Whether only those may see it who need it for their work."""
        return self in {Category.CONTACT, Category.SPECIAL, Category.UNCLASSIFIED}


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    PROBLEM = "problem"


class Channel(StrEnum):
    """How notices reach a person, the quietest first. All but OFF also stand in the inbox of the product."""

    OFF = "off"
    PRODUCT = "product"
    DIGEST = "digest"
    EMAIL = "email"

    @property
    def loudness(self) -> int:
        """Of several that apply the loudest holds."""
        return tuple(Channel).index(self)


class MailState(StrEnum):
    """What became of an e-mail. One that is UNCONFIRMED was handed to the server, and whether it took it is unknown."""

    DUE = "due"
    HANDING = "handing"
    SENT = "sent"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
