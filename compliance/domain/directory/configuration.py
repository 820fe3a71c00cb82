"""How the directory is reached and read: what an operator sets in the environment, and what follows from the kind."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.conf import settings


class Kind(StrEnum):
    """Which directory it is: they differ in attributes, and in what says that an account is closed."""

    OPENLDAP = "openldap"
    ACTIVE_DIRECTORY = "active_directory"


class Lookup(StrEnum):
    """How the groups of somebody are found, nested ones too."""

    MEMBER = "member"  # groups list their members: each level is searched for
    MEMBER_OF = (
        "memberof"  # entries list their groups: the overlay of OpenLDAP, the back link of Active Directory
    )
    CHAIN = "chain"  # Active Directory walks the chain itself (LDAP_MATCHING_RULE_IN_CHAIN)


@dataclass(frozen=True, slots=True)
class Directory:
    """The servers, where staff and their groups stand, and how long is waited for them.

    `urls` are tried in this order. `roles` names the roles of groups by the groups' names; with `roles_by_name` a group
    that has the name of a role gives that one too. `name_attribute` holds the name that an account here gets. It is followed
    each `sync_s` seconds.
    """

    urls: tuple[str, ...]
    user_base: str
    group_base: str
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    kind: Kind = Kind.OPENLDAP
    user_filter: str = "(uid=%(user)s)"
    name_attribute: str = "uid"
    group_classes: tuple[str, ...] = ("groupOfNames",)
    lookup: Lookup = Lookup.MEMBER
    roles: dict[str, str] = field(default_factory=dict)
    roles_by_name: bool = False
    start_tls: bool = True
    ca_file: str = ""
    timeout_s: float = 2
    sync_s: int = 45

    @property
    def group_filter(self) -> str:
        """What is a group."""
        classes = "".join(f"(objectClass={each})" for each in self.group_classes)
        return classes if len(self.group_classes) == 1 else f"(|{classes})"

    @property
    def id_attribute(self) -> str:
        """What stays the same when an entry is renamed or moved."""
        return "objectGUID" if self.kind is Kind.ACTIVE_DIRECTORY else "entryUUID"

    @property
    def dn_attribute(self) -> str:
        """By which attribute an entry is found by its distinguished name."""
        return "distinguishedName" if self.kind is Kind.ACTIVE_DIRECTORY else "entryDN"

    def is_encrypted(self, url: str) -> bool:
        """Whether what is said to this server is encrypted, or never leaves the machine."""
        return self.start_tls or not url.startswith("ldap://")


def directory() -> Directory | None:
    """The directory of this installation; None when LDAP_URL is not set."""
    found: Directory | None = getattr(settings, "DIRECTORY", None)
    return found
