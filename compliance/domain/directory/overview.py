"""How the directory stands, for its page."""

from dataclasses import dataclass

from compliance.access import require
from compliance.actors import Actor
from compliance.domain.directory.configuration import Directory, directory
from compliance.enums import Operation
from compliance.models import DirectoryAccount, DirectorySync, Role


@dataclass(frozen=True, slots=True)
class Overview:
    """The settings, how following it goes, and how many accounts belong to it."""

    directory: Directory
    sync: DirectorySync
    active: int
    shut_out: int
    unencrypted: tuple[str, ...]
    role_names: frozenset[str]

    @property
    def environment(self) -> list[tuple[str, str, bool]]:
        """Groups and roles of LDAP_ROLES, and whether there is such a role."""
        roles = sorted(self.directory.roles.items())
        return [(group, role, role in self.role_names) for group, role in roles]


def overview(actor: Actor) -> Overview | None:
    """As of now; None when there is no directory. Raises AccessDenied."""
    require(actor, Operation.DIRECTORY_MANAGE)
    found = directory()
    if found is None:
        return None
    accounts = DirectoryAccount.objects.all()
    return Overview(
        found,
        DirectorySync.objects.filter(pk=1).first() or DirectorySync(),
        accounts.filter(user__is_active=True).count(),
        accounts.filter(user__is_active=False).count(),
        tuple(url for url in found.urls if not found.is_encrypted(url)),
        frozenset(Role.objects.values_list("group__name", flat=True)),
    )
