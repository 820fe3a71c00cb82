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
    PEOPLE_EXPORT = "people.export"
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
    ROLES_MANAGE = "roles.manage"
    DIRECTORY_MANAGE = "directory.manage"
    APPROVALS_DECIDE = "approvals.decide"
    AUDIT_VIEW = "audit.view"
    AUDIT_WATCH = "audit.watch"
    SUPPRESSIONS_MANAGE = "suppressions.manage"
    PURPOSES_MANAGE = "purposes.manage"
    CONSENTS_MANAGE = "consents.manage"


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


class LegalBasis(StrEnum):
    """Why data may be used for a purpose (GDPR Art. 6(1), a to f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"

    @classmethod
    def stored(cls, value: str, *, needs_consent: bool) -> "LegalBasis":
        """The one of a row. A process of the release before may have made a purpose that needs no consent."""
        basis = cls(value)
        return cls.LEGITIMATE_INTERESTS if basis is cls.CONSENT and not needs_consent else basis

    @property
    def words(self) -> str:
        """As people read it."""
        return self.value.replace("_", " ").capitalize()

    @property
    def ground(self) -> str:
        """As it stands after `rests on`."""
        article = {LegalBasis.CONTRACT: "a ", LegalBasis.LEGAL_OBLIGATION: "a ", LegalBasis.PUBLIC_TASK: "a "}
        return article.get(self, "") + self.value.replace("_", " ")

    @property
    def can_be_objected_to(self) -> bool:
        """Whether an objection counts (Art. 21(1)); one to what rests on consent counts as its withdrawal."""
        return self is LegalBasis.CONSENT or self.rests_on_interests

    @property
    def rests_on_interests(self) -> bool:
        """Whether people are used until they object; what rests on consent is withdrawn instead."""
        return self in {LegalBasis.PUBLIC_TASK, LegalBasis.LEGITIMATE_INTERESTS}


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
